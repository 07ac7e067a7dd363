#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/net/address.hpp>

namespace socketserver {

/// A range of IP addresses that have their first bits in common: "10.0.0.0/8", "fd00::/8".
///
/// ```cpp
/// if (Network::parse("10.0.0.0/8")->contains(client_address)) …
/// ```
/// Thread safety: a plain value.
/// Source: Python `ipaddress.ip_network`.
class Network {
 public:
  /// Reads an IPv4 or IPv6 literal, and the number of bits behind a slash: "10.0.0.0/8". A literal
  /// alone is that one address. Nothing when it is neither: a name, an address with a zone, too
  /// many bits, or bits set behind the prefix ("10.0.0.1/8"), which is more likely a mistake than
  /// meant. An IPv4 network mapped into IPv6 is the IPv4 one. Never asks the resolver.
  [[nodiscard]] static std::optional<Network> parse(std::string_view text);

  /// Whether the address lies within. A Unix socket's address does not, nor does an address of the
  /// other IP version.
  bool contains(const Address& address) const noexcept;

  /// "10.0.0.0/8"; "::1/128".
  std::string to_string() const;

  friend bool operator==(const Network&, const Network&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 uses the first four
  std::uint8_t size_ = 0;                 // in bytes: 4 or 16
  std::uint8_t prefix_ = 0;               // in bits
};

/// Whether any of the networks contains the address.
bool contains(const std::vector<Network>& networks, const Address& address) noexcept;

/// Whom a limit for each client takes for one, as bytes: an IPv4 address, also behind a translator
/// (64:ff9b::/96); of IPv6 the network of 64 bits, because whoever has one address of it has 2^64;
/// on a link (fe80::/10) the address itself with its zone. "" for who has no IP address.
std::string client_key(const Address& client);

}  // namespace socketserver
