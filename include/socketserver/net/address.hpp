#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace socketserver {

/// What kind of end point an Address names.
enum class AddressFamily : std::uint8_t {
  unspecified,  ///< Nothing: the peer has no name.
  inet,         ///< IPv4.
  inet6,        ///< IPv6.
  unix_domain,  ///< A Unix socket: a path, an abstract name, or unnamed.
};

/// The address of a server or of a peer.
///
/// Prints as Python prints it: `('127.0.0.1', 56210)`, `('::1', 8000, 0, 0)`, `/run/x.sock`.
/// An IPv4 address mapped into IPv6 is held and shown as the IPv4 address that
/// it is. Unpacks into host and port: `auto [ip, port] = server.server_address();`
///
/// Thread safety: a plain value.
/// Source: the address tuples of Python's `socket`.
class Address {
 public:
  /// Names nothing.
  Address() = default;

  /// An IPv4 or IPv6 literal (brackets and a `%zone` allowed) or a host name, and a port.
  ///
  /// `host` "" is every interface, IPv4 and IPv6 alike (IPv4 only where the machine has no IPv6);
  /// it shows as "0.0.0.0". "::" is the same but shows as "::". A name is looked up now, which may
  /// block; IPv4 is preferred, as `AF_INET` is Python's default.
  /// `port` is 0 to 65535; 0 lets the system choose when bound.
  ///
  /// @throws std::out_of_range for any other port; std::invalid_argument for a host with a NUL
  /// byte.
  /// @throws OSError "resolve name" when the name cannot be looked up.
  /// Differs from Python: "" also serves IPv6.
  Address(std::string_view host, int port);

  /// @param bytes  in network order.
  static Address ipv4(std::array<std::uint8_t, 4> bytes, std::uint16_t port);
  /// @param bytes  in network order.
  static Address ipv6(const std::array<std::uint8_t, 16>& bytes, std::uint16_t port,
                      std::uint32_t flowinfo = 0, std::uint32_t scope_id = 0);

  /// A Unix socket's file; "" is the unnamed address of a client that did not bind.
  static Address unix_path(std::string_view path);

  /// A name in Linux's abstract namespace, without the leading NUL; it may hold any byte.
  static Address unix_abstract(std::string_view name);

  /// Reads "host:port", "[v6]:port", ":port", "unix:/path" or "unix:@name", the form that
  /// `to_string()` writes.
  ///
  /// @throws std::invalid_argument naming what is wrong with `text`; std::system_error when a host
  ///         name cannot be looked up.
  static Address parse(std::string_view text);

  /// Every address of a name, in the resolver's order; what a client tries one after the other.
  ///
  /// @throws as the constructor does.
  static std::vector<Address> resolve(std::string_view host, int port);

  AddressFamily family() const noexcept { return family_; }  ///< Which kind of socket it is for.

  /// The IP address without brackets or zone; "" for Unix addresses.
  std::string host() const;

  /// The port; 0 for Unix addresses.
  std::uint16_t port() const noexcept { return port_; }

  /// The path of a Unix socket; an abstract name has its leading NUL. "" for IP addresses.
  const std::string& path() const noexcept;

  /// 4 bytes for IPv4, 16 for IPv6, none otherwise, in network order. Borrowed from this object.
  std::span<const std::uint8_t> ip_bytes() const noexcept;

  std::uint32_t flowinfo() const noexcept {
    return flowinfo_;
  }  ///< IPv6's flow label; 0 otherwise.
  /// The interface of a link-local IPv6 address; 0 otherwise.
  std::uint32_t scope_id() const noexcept { return scope_id_; }

  /// Whether this is the "" of the constructor: every interface of both IP versions.
  bool is_any_dual_stack() const noexcept { return any_dual_stack_; }

  /// Whether this is the wildcard address of either IP version.
  bool is_unspecified() const noexcept;

  /// The same address with another port.
  Address with_port(std::uint16_t port) const;

  /// The form for URLs and messages: "127.0.0.1:80", "[::1]:80", "[fe80::1%2]:80", "unix:/path",
  /// "unix:@name".
  std::string to_string() const;

  /// Equal when they name the same end point.
  friend bool operator==(const Address& a, const Address& b) noexcept;

  /// Prints as Python does.
  friend std::ostream& operator<<(std::ostream& out, const Address& address);

  /// Host and port, for structured bindings.
  template <std::size_t I>
  auto get() const {
    if constexpr (I == 0) {
      return host();
    } else {
      return port();
    }
  }

 private:
  AddressFamily family_ = AddressFamily::unspecified;
  bool any_dual_stack_ = false;
  std::uint16_t port_ = 0;
  std::uint32_t flowinfo_ = 0;
  std::uint32_t scope_id_ = 0;
  std::array<std::uint8_t, 16> ip_{};        // IPv4 uses the first four
  std::shared_ptr<const std::string> path_;  // shared with copies; null: ""
};

}  // namespace socketserver

template <>
struct std::tuple_size<socketserver::Address> : std::integral_constant<std::size_t, 2> {};

template <std::size_t I>
struct std::tuple_element<I, socketserver::Address> {
  using type = decltype(std::declval<const socketserver::Address&>().template get<I>());
};
