#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string_view>

#include <socketserver/base/error.hpp>
#include <socketserver/base/unique_fd.hpp>

/// The programs that benchmarks need: servers without the library, and clients. They talk to the
/// system directly, so that nothing which is measured takes part in the measuring.
namespace socketserver::bench {

/// The result of a system call; when it is −1, throws OSError naming `action`.
template <class Result>
Result checked(Result result, std::string_view action) {
  if (result == -1) throw_os_error(last_error(), action);
  return result;
}

/// 127.0.0.1 with this port.
sockaddr_in loopback(std::uint16_t port) noexcept;

/// A TCP socket that listens on 127.0.0.1 with the longest queue; port 0: any free one.
///
/// @param flags  for socket(2), such as SOCK_NONBLOCK.
UniqueFd listen_on_loopback(std::uint16_t port, int flags = 0);

/// A UDP socket that is bound to 127.0.0.1.
UniqueFd bind_datagrams_to_loopback(std::uint16_t port);

/// Tells whoever started this server the port of the socket: the line "ready PORT".
void announce(int fd);

}  // namespace socketserver::bench
