#pragma once

#include <sys/socket.h>

#include <socketserver/net/address.hpp>

namespace socketserver::detail {

/// An Address as the system calls want it.
struct SockAddr {
  sockaddr_storage storage;  // the first `length` bytes of it; there are too many to clear them
  socklen_t length = 0;

  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// @throws std::length_error when a Unix path does not fit.
SockAddr to_sockaddr(const Address& address);

/// A mapped IPv4 address becomes the IPv4 address that it is; an unknown family becomes nothing.
Address from_sockaddr(const SockAddr& address);

/// The AF_ constant.
int to_af(AddressFamily family) noexcept;

/// The AF_ constant of a socket.
///
/// @throws OSError "getsockopt".
int family_of(int fd);

}  // namespace socketserver::detail
