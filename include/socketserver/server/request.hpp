#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <socketserver/net/socket.hpp>

namespace socketserver {

/// What a server hands to a handler: for a stream server the accepted connection.
///
/// Thread safety: used by one thread at a time, the one that serves the request.
/// Lifetime: the engine owns it from `get_request` until `shutdown_request` has returned.
/// Source: the `request` object of Python's `socketserver`.
class Request {
 public:
  /// A connection; the request owns it.
  explicit Request(Socket connection) noexcept : socket_(std::move(connection)) {}

  /// The connection itself.
  Socket& socket() noexcept { return socket_; }
  const Socket& socket() const noexcept { return socket_; }

  /// The bytes of the connection as handlers should read and write them.
  Stream& stream() noexcept { return socket_; }

  /// As `Socket::recv` and `Socket::sendall`.
  std::string recv(std::size_t n) { return socket_.recv(n); }
  void sendall(std::string_view data) { socket_.sendall(data); }

  /// The connection's descriptor, −1 once closed.
  int fileno() const noexcept { return socket_.fileno(); }

  /// Closes the connection now; a second call does nothing.
  void close() noexcept { socket_.close(); }

 private:
  Socket socket_;
};

}  // namespace socketserver
