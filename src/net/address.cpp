#include <socketserver/net/address.hpp>

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <system_error>

#include <socketserver/base/error.hpp>

#include "net/sockaddr.hpp"

namespace socketserver {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// The errors of getaddrinfo(3), whose numbers are its own.
class ResolverCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "getaddrinfo"; }
  std::string message(int code) const override { return ::gai_strerror(code); }
};

const std::error_category& resolver_category() {
  static const ResolverCategory category;
  return category;
}

std::uint16_t checked_port(int port) {
  if (port < 0 || port > 65535) {
    throw std::out_of_range("port " + std::to_string(port) + " is not between 0 and 65535");
  }
  return static_cast<std::uint16_t>(port);
}

/// The system's functions would take the part before a NUL for the whole.
void check_host(std::string_view host) {
  if (host.find('\0') != host.npos) throw std::invalid_argument("a host name with a NUL byte");
}

std::optional<Address> parse_ipv4(const std::string& text, std::uint16_t port) {
  std::array<std::uint8_t, 4> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return Address::ipv4(bytes, port);
}

std::optional<std::uint32_t> parse_zone(const std::string& zone) {
  if (const auto index = ::if_nametoindex(zone.c_str())) return index;
  std::uint32_t number = 0;
  const auto [end, ec] = std::from_chars(zone.data(), zone.data() + zone.size(), number);
  if (ec != std::errc{} || end != zone.data() + zone.size()) return std::nullopt;
  return number;
}

std::optional<Address> parse_ipv6(std::string text, std::uint16_t port) {
  std::uint32_t scope = 0;
  if (const auto percent = text.find('%'); percent != std::string::npos) {
    const auto zone = parse_zone(text.substr(percent + 1));
    if (!zone) return std::nullopt;
    scope = *zone;
    text.resize(percent);
  }
  std::array<std::uint8_t, 16> bytes{};
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return Address::ipv6(bytes, port, 0, scope);
}

std::optional<Address> parse_literal(std::string_view host, std::uint16_t port) {
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    return parse_ipv6(std::string(host.substr(1, host.size() - 2)), port);
  }
  const std::string text(host);
  if (auto address = parse_ipv4(text, port)) return address;
  return parse_ipv6(text, port);
}

std::vector<Address> look_up(std::string_view host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string name(host);
  const int code = ::getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (code == EAI_SYSTEM) throw_os_error(last_error(), "resolve " + name);
  if (code != 0) throw OSError({code, resolver_category()}, "resolve " + name);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);

  std::vector<Address> addresses;
  for (const addrinfo* info = found; info != nullptr; info = info->ai_next) {
    detail::SockAddr raw;
    raw.length = info->ai_addrlen;
    std::copy_n(reinterpret_cast<const char*>(info->ai_addr), info->ai_addrlen,
                reinterpret_cast<char*>(&raw.storage));
    addresses.push_back(detail::from_sockaddr(raw).with_port(port));
  }
  return addresses;
}

int parse_port(std::string_view digits, std::string_view whole) {
  std::uint16_t port = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (digits.empty() || ec != std::errc{} || end != digits.data() + digits.size()) {
    throw std::invalid_argument("not a port from 0 to 65535: \"" + std::string(digits) +
                                "\" in \"" + std::string(whole) + "\"");
  }
  return port;
}

}  // namespace

Address::Address(std::string_view host, int port) {
  const std::uint16_t number = checked_port(port);
  check_host(host);
  if (host.empty()) {
    *this = ipv4({}, number);
    any_dual_stack_ = true;
  } else if (auto literal = parse_literal(host, number)) {
    *this = *std::move(literal);
  } else {
    auto found = look_up(host, number);
    const auto v4 = std::ranges::find(found, AddressFamily::inet, &Address::family);
    *this = std::move(v4 != found.end() ? *v4 : found.front());
  }
}

Address Address::ipv4(std::array<std::uint8_t, 4> bytes, std::uint16_t port) {
  Address address;
  address.family_ = AddressFamily::inet;
  address.port_ = port;
  std::ranges::copy(bytes, address.ip_.begin());
  return address;
}

Address Address::ipv6(const std::array<std::uint8_t, 16>& bytes, std::uint16_t port,
                      std::uint32_t flowinfo, std::uint32_t scope_id) {
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) {
    return ipv4({bytes[12], bytes[13], bytes[14], bytes[15]}, port);
  }
  Address address;
  address.family_ = AddressFamily::inet6;
  address.port_ = port;
  address.flowinfo_ = flowinfo;
  address.scope_id_ = scope_id;
  address.ip_ = bytes;
  return address;
}

Address Address::unix_path(std::string_view path) {
  Address address;
  address.family_ = AddressFamily::unix_domain;
  if (!path.empty()) address.path_ = std::make_shared<const std::string>(path);
  return address;
}

Address Address::unix_abstract(std::string_view name) {
  Address address;
  address.family_ = AddressFamily::unix_domain;
  std::string path(1, '\0');
  path += name;
  address.path_ = std::make_shared<const std::string>(std::move(path));
  return address;
}

Address Address::parse(std::string_view text) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) {
    const auto path = text.substr(kUnix.size());
    if (path.empty()) throw std::invalid_argument("no path after \"unix:\"");
    return path.front() == '@' ? unix_abstract(path.substr(1)) : unix_path(path);
  }
  const auto colon = text.rfind(':');
  const auto host = text.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (colon == std::string_view::npos || (bracketed && !parse_literal(host, 0)) ||
      (!bracketed && host.find_first_of(":[]") != std::string_view::npos)) {
    throw std::invalid_argument("not \"host:port\", \"[ipv6]:port\" or \"unix:/path\": \"" +
                                std::string(text) + '"');
  }
  return {host, parse_port(text.substr(colon + 1), text)};
}

std::vector<Address> Address::resolve(std::string_view host, int port) {
  const std::uint16_t number = checked_port(port);
  check_host(host);
  if (host.empty() || parse_literal(host, number)) return {Address(host, port)};
  return look_up(host, number);
}

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (family_ == AddressFamily::inet) ::inet_ntop(AF_INET, ip_.data(), text, sizeof text);
  if (family_ == AddressFamily::inet6) ::inet_ntop(AF_INET6, ip_.data(), text, sizeof text);
  return text;
}

std::span<const std::uint8_t> Address::ip_bytes() const noexcept {
  switch (family_) {
    case AddressFamily::inet:
      return std::span(ip_).first<4>();
    case AddressFamily::inet6:
      return ip_;
    default:
      return {};
  }
}

bool Address::is_unspecified() const noexcept {
  return !ip_bytes().empty() && std::ranges::all_of(ip_, [](std::uint8_t b) { return b == 0; });
}

Address Address::with_port(std::uint16_t port) const {
  Address copy = *this;
  copy.port_ = port;
  return copy;
}

std::string Address::to_string() const {
  switch (family_) {
    case AddressFamily::inet:
      return host() + ':' + std::to_string(port_);
    case AddressFamily::inet6:
      return '[' + host() + (scope_id_ == 0 ? "" : '%' + std::to_string(scope_id_)) +
             "]:" + std::to_string(port_);
    case AddressFamily::unix_domain:
      if (path().starts_with('\0')) return "unix:@" + path().substr(1);
      return "unix:" + path();
    case AddressFamily::unspecified:
      break;
  }
  return "nobody";
}

const std::string& Address::path() const noexcept {
  static const std::string none;
  return path_ ? *path_ : none;
}

bool operator==(const Address& a, const Address& b) noexcept {
  return a.family_ == b.family_ && a.port_ == b.port_ && a.flowinfo_ == b.flowinfo_ &&
         a.scope_id_ == b.scope_id_ && a.ip_ == b.ip_ && a.path() == b.path();
}

std::ostream& operator<<(std::ostream& out, const Address& address) {
  switch (address.family_) {
    case AddressFamily::inet:
      return out << "('" << address.host() << "', " << address.port_ << ')';
    case AddressFamily::inet6:
      return out << "('" << address.host() << "', " << address.port_ << ", " << address.flowinfo_
                 << ", " << address.scope_id_ << ')';
    case AddressFamily::unix_domain:
      if (address.path().starts_with('\0')) {
        return out << '@' << std::string_view(address.path()).substr(1);
      }
      return out << address.path();
    case AddressFamily::unspecified:
      break;
  }
  return out << "None";
}

}  // namespace socketserver
