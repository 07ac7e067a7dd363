#include "net/sockaddr.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>

#include <socketserver/base/error.hpp>

namespace socketserver::detail {
namespace {

constexpr std::size_t kUnixPathOffset = offsetof(sockaddr_un, sun_path);

SockAddr unix_sockaddr(const std::string& path) {
  sockaddr_un un{};
  // A path needs its NUL at the end; an abstract name starts with one and needs none behind it.
  const bool abstract = !path.empty() && path.front() == '\0';
  const std::size_t room = sizeof un.sun_path - (abstract ? 0 : 1);
  if (path.size() > room) {
    throw std::length_error("Unix socket path of " + std::to_string(path.size()) +
                            " bytes is longer than " + std::to_string(room) + ": " + path);
  }
  un.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), un.sun_path);
  SockAddr result;
  std::memcpy(&result.storage, &un, sizeof un);
  result.length = static_cast<socklen_t>(kUnixPathOffset + path.size() + (abstract ? 0 : 1));
  if (path.empty()) result.length = static_cast<socklen_t>(kUnixPathOffset);
  return result;
}

Address from_sockaddr_in6(const sockaddr_in6& in6) {
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &in6.sin6_addr, bytes.size());
  return Address::ipv6(bytes, ntohs(in6.sin6_port), ntohl(in6.sin6_flowinfo), in6.sin6_scope_id);
}

Address from_sockaddr_un(const SockAddr& address) {
  sockaddr_un un{};
  std::memcpy(&un, &address.storage, sizeof un);
  if (address.length <= kUnixPathOffset) return Address::unix_path("");
  // A path that fills its field has no NUL there, yet the kernel counts one.
  const std::size_t length = std::min<std::size_t>(address.length, sizeof un) - kUnixPathOffset;
  const std::string_view name(un.sun_path, length);
  if (name.front() == '\0') return Address::unix_abstract(name.substr(1));
  return Address::unix_path(name.substr(0, name.find('\0')));
}

}  // namespace

SockAddr to_sockaddr(const Address& address) {
  SockAddr result;
  const auto bytes = address.ip_bytes();
  switch (address.family()) {
    case AddressFamily::inet: {
      sockaddr_in in{};
      in.sin_family = AF_INET;
      in.sin_port = htons(address.port());
      std::memcpy(&in.sin_addr, bytes.data(), bytes.size());
      std::memcpy(&result.storage, &in, sizeof in);
      result.length = sizeof in;
      break;
    }
    case AddressFamily::inet6: {
      sockaddr_in6 in6{};
      in6.sin6_family = AF_INET6;
      in6.sin6_port = htons(address.port());
      in6.sin6_flowinfo = htonl(address.flowinfo());
      in6.sin6_scope_id = address.scope_id();
      std::memcpy(&in6.sin6_addr, bytes.data(), bytes.size());
      std::memcpy(&result.storage, &in6, sizeof in6);
      result.length = sizeof in6;
      break;
    }
    case AddressFamily::unix_domain:
      return unix_sockaddr(address.path());
    case AddressFamily::unspecified:
      throw std::invalid_argument("an address that names nothing cannot be used");
  }
  return result;
}

Address from_sockaddr(const SockAddr& address) {
  // An unbound peer of a datagram or Unix socket comes without even a family.
  if (address.length < sizeof(sa_family_t)) return {};
  switch (address.storage.ss_family) {
    case AF_INET: {
      sockaddr_in in{};
      std::memcpy(&in, &address.storage, sizeof in);
      std::array<std::uint8_t, 4> bytes{};
      std::memcpy(bytes.data(), &in.sin_addr, bytes.size());
      return Address::ipv4(bytes, ntohs(in.sin_port));
    }
    case AF_INET6: {
      sockaddr_in6 in6{};
      std::memcpy(&in6, &address.storage, sizeof in6);
      return from_sockaddr_in6(in6);
    }
    case AF_UNIX:
      return from_sockaddr_un(address);
    default:
      return {};
  }
}

int family_of(int fd) {
  int family = AF_UNSPEC;
  socklen_t length = sizeof family;
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &length) < 0) {
    throw_os_error(last_error(), "getsockopt");
  }
  return family;
}

int to_af(AddressFamily family) noexcept {
  switch (family) {
    case AddressFamily::inet:
      return AF_INET;
    case AddressFamily::inet6:
      return AF_INET6;
    case AddressFamily::unix_domain:
      return AF_UNIX;
    case AddressFamily::unspecified:
      break;
  }
  return AF_UNSPEC;
}

}  // namespace socketserver::detail
