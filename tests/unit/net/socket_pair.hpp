#pragma once

#include <sys/socket.h>

#include <stdexcept>
#include <utility>

#include <socketserver/base/unique_fd.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>

namespace socketserver {

/// Two sockets that are connected to each other.
struct SocketPair {
  Socket near;
  Socket far;

  /// Unix stream sockets.
  static SocketPair local() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
      throw std::runtime_error("socketpair");
    }
    return {Socket(UniqueFd(ends[0])), Socket(UniqueFd(ends[1]))};
  }

  /// TCP sockets; `far` is the accepted one.
  static SocketPair tcp() {
    Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
    listener.bind(Address("127.0.0.1", 0));
    listener.listen(1);
    Socket near = Socket::connect(listener.getsockname());
    return {std::move(near), listener.accept().first};
  }
};

/// Closes `socket` so that its peer gets a reset.
inline void reset(Socket& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket.fileno(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  socket.close();
}

}  // namespace socketserver
