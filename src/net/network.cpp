#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <socketserver/net/network.hpp>
#include <span>
#include <string>

namespace socketserver {
namespace {

constexpr std::size_t kBitsOfByte = 8;
constexpr std::uint8_t kIPv4Size = 4;
constexpr std::uint8_t kIPv6Size = 16;
constexpr unsigned kMappedBits = 96;

/// The bits of the byte at `index` that a prefix of `prefix` bits covers.
std::uint8_t mask(std::size_t index, unsigned prefix) noexcept {
  const std::size_t before = index * kBitsOfByte;
  if (prefix >= before + kBitsOfByte) return 0xff;
  if (prefix <= before) return 0;
  return static_cast<std::uint8_t>(0xff00U >> (prefix - before));
}

std::optional<unsigned> parse_prefix(std::string_view digits, unsigned most) noexcept {
  unsigned prefix = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, ec] = std::from_chars(digits.data(), end, prefix);
  if (ec != std::errc{} || stop != end || prefix > most) return std::nullopt;
  return prefix;
}

bool is_link_local(std::span<const std::uint8_t> bytes) noexcept {
  return bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

/// RFC 6052 §2.1: IPv4 clients of a translator have 64:ff9b::/96 in front.
bool is_translated(std::span<const std::uint8_t> bytes) noexcept {
  constexpr std::array<std::uint8_t, 12> kPrefix = {0, 0x64, 0xff, 0x9b};
  return std::ranges::equal(bytes.first(kPrefix.size()), kPrefix);
}

bool is_mapped(std::span<const std::uint8_t, kIPv6Size> bytes) noexcept {
  return std::ranges::all_of(bytes.first(10), [](auto byte) { return byte == 0; }) &&
         bytes[10] == 0xff && bytes[11] == 0xff;
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string literal(text.substr(0, slash));
  if (literal.find('\0') != literal.npos) return std::nullopt;  // where the C library would stop
  Network network;
  if (::inet_pton(AF_INET, literal.c_str(), network.bytes_.data()) == 1) {
    network.size_ = kIPv4Size;
  } else if (::inet_pton(AF_INET6, literal.c_str(), network.bytes_.data()) == 1) {
    network.size_ = kIPv6Size;
  } else {
    return std::nullopt;
  }
  const auto all = static_cast<unsigned>(network.size_ * kBitsOfByte);
  const auto prefix = slash == text.npos ? all : parse_prefix(text.substr(slash + 1), all);
  if (!prefix) return std::nullopt;
  network.prefix_ = static_cast<std::uint8_t>(*prefix);
  for (std::size_t i = 0; i < network.size_; ++i) {
    if ((network.bytes_[i] & ~mask(i, *prefix)) != 0) return std::nullopt;
  }
  // An Address is never a mapped one.
  if (network.size_ == kIPv6Size && is_mapped(network.bytes_) && *prefix >= kMappedBits) {
    std::ranges::copy(std::span(network.bytes_).last(kIPv4Size), network.bytes_.begin());
    std::ranges::fill(std::span(network.bytes_).subspan(kIPv4Size), std::uint8_t{0});
    network.size_ = kIPv4Size;
    network.prefix_ = static_cast<std::uint8_t>(*prefix - kMappedBits);
  }
  return network;
}

bool Network::contains(const Address& address) const noexcept {
  const auto bytes = address.ip_bytes();
  if (bytes.size() != size_) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (((bytes[i] ^ bytes_[i]) & mask(i, prefix_)) != 0) return false;
  }
  return true;
}

std::string Network::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(size_ == kIPv4Size ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return std::string(text.data()) + '/' + std::to_string(prefix_);
}

bool contains(const std::vector<Network>& networks, const Address& address) noexcept {
  return std::ranges::any_of(networks,
                             [&](const Network& network) { return network.contains(address); });
}

std::string client_key(const Address& client) {
  constexpr std::size_t kNetworkBytes = 8;
  auto bytes = client.ip_bytes();
  std::string key;
  if (bytes.size() == kIPv6Size && is_link_local(bytes)) {
    key = std::to_string(client.scope_id()) + '%';
  } else if (bytes.size() == kIPv6Size) {
    bytes = is_translated(bytes) ? bytes.last(kIPv4Size) : bytes.first(kNetworkBytes);
  }
  return key.append(bytes.begin(), bytes.end());
}

}  // namespace socketserver
