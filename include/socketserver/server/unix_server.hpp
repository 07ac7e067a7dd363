#pragma once

#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/udp_server.hpp>

namespace socketserver {

/// Serves connections to a Unix socket, one after the other on the serving thread.
///
/// ```cpp
/// UnixStreamServer server(Address::unix_path("/run/echo.sock"), handler<Echo>());
/// ```
/// The address is a path, an abstract name, or `Address::unix_path("")`, for which the system
/// chooses an abstract name. The socket's file stays when the server closes unless
/// `unlink_on_close` says otherwise; see the options for stale files, permissions and owner.
///
/// Source: Python `socketserver.UnixStreamServer`.
class UnixStreamServer : public TCPServer {
 public:
  /// As TCPServer.
  ///
  /// @throws std::invalid_argument when `server_address` is no Unix address; std::length_error when
  ///         its path does not fit, naming its length.
  UnixStreamServer(Address server_address, StreamHandler request_handler,
                   ServerOptions options = {});
};

/// Serves packets that come to a Unix socket, one after the other on the serving thread.
///
/// A client that did not bind its socket has no address to send an answer to; it gets none.
///
/// Source: Python `socketserver.UnixDatagramServer`.
class UnixDatagramServer : public UDPServer {
 public:
  /// As UDPServer and UnixStreamServer.
  UnixDatagramServer(Address server_address, DatagramHandler request_handler,
                     ServerOptions options = {});
};

}  // namespace socketserver
