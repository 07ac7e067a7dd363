#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <socketserver/net/datagram.hpp>
#include <socketserver/net/socket.hpp>

namespace socketserver {

namespace detail {
class DatagramStream;
}

/// What a server hands to a handler: the accepted connection of a stream server, or the packet of a
/// datagram server together with the way back to its sender.
///
/// Thread safety: used by one thread at a time, the one that serves the request.
/// Lifetime: the engine owns it from `get_request` until `shutdown_request` has returned.
/// Source: the `request` object of Python's `socketserver`: a socket, or a pair of data and socket.
class Request {
 public:
  /// A connection; the request owns it.
  explicit Request(Socket connection) noexcept;

  /// A packet that came in by `socket`, which stays open as long as a request refers to it.
  Request(Datagram packet, std::shared_ptr<Socket> socket);

  Request(Request&&) noexcept;
  Request& operator=(Request&&) noexcept;
  ~Request();

  /// The connection itself. For a packet the server's own socket, which all handlers share: use its
  /// `sendto` and nothing else.
  Socket& socket() noexcept;
  const Socket& socket() const noexcept;

  /// The bytes as handlers should read and write them. For a packet: its payload, then the end;
  /// what is written is gathered, and `flush` sends it as one packet.
  Stream& stream() noexcept;

  bool is_datagram() const noexcept { return datagram_ != nullptr; }

  /// The packet. Source: Python `request[0]`.
  ///
  /// @throws std::logic_error when the request is a connection.
  const Datagram& datagram() const;

  /// Sends `data` as one packet to the sender of this one, from the address that it was sent to.
  /// To a sender without a name nothing is sent.
  ///
  /// @throws std::logic_error when the request is a connection; TimeoutError when the sender's
  ///         queue stays full; OSError "reply to 127.0.0.1:9".
  void reply(std::string_view data);

  /// A connection: as `Socket::recv` and `Socket::sendall`. A packet: the next `n` bytes of it, ""
  /// after the last; and `reply`.
  std::string recv(std::size_t n);
  void sendall(std::string_view data);

  /// The connection's descriptor, or that of the server's socket; −1 once closed.
  int fileno() const noexcept;

  /// Closes the connection, or lets go of the server's socket; a second call does nothing.
  void close() noexcept;

  /// As `Socket::failure`.
  std::error_code failure() const noexcept;

  /// How the request waits; as `Socket::set_waiter`.
  void set_waiter(Waiter& waiter) noexcept;

  /// Keeps `ticket` until the request is closed: something that counts or reserves.
  void hold(std::shared_ptr<const void> ticket) noexcept { ticket_ = std::move(ticket); }
  const std::shared_ptr<const void>& ticket() const noexcept { return ticket_; }

 private:
  Socket connection_;
  std::unique_ptr<detail::DatagramStream> datagram_;
  std::shared_ptr<const void> ticket_;
};

}  // namespace socketserver
