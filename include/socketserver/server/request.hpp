#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/datagram.hpp>
#include <socketserver/net/socket.hpp>

namespace socketserver {

class Request;

namespace detail {

class DatagramStream;

/// Where connections wait for their next bytes without a worker; a part of an engine.
class ParkingPlace {
 public:
  /// Takes the connection away from the worker that has it. False when it cannot: the caller still
  /// has it then. Thread: the worker's.
  virtual bool park(Request& request, const Address& client_address) noexcept = 0;

  /// How long a worker waits for the next bytes itself before it parks the connection, because
  /// others cost more than its own time. Thread: the worker's.
  virtual Duration patience() const noexcept { return Duration::zero(); }

  /// Whether it also takes connections in the middle of a message; otherwise the worker waits for
  /// the rest.
  virtual bool takes_begun() const noexcept { return false; }

 protected:
  ~ParkingPlace() = default;
};

}  // namespace detail

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
  Socket& socket() noexcept { return datagram_ ? datagram_socket() : connection_; }
  const Socket& socket() const noexcept { return datagram_ ? datagram_socket() : connection_; }

  /// The bytes as handlers should read and write them. For a packet: its payload, then the end;
  /// what is written is gathered, and `flush` sends it as one packet.
  Stream& stream() noexcept { return datagram_ ? datagram_stream() : connection_; }

  /// Whether it is a packet; else it is a connection.
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

  // Waiting for the next message of a connection without a worker

  /// Whether the engine offers that.
  bool can_park() const noexcept { return parking_ != nullptr; }

  /// How long to wait for the next bytes before it is worth while.
  Duration parking_patience() const noexcept {
    return can_park() ? parking_->patience() : Duration::zero();
  }

  /// Asks for it: when the handler's `handle` and `finish` have returned, the connection is kept
  /// without handler or worker until it has something to be read, and then served by a new handler;
  /// after `deadline` it is closed instead. Whatever else the handler has read goes with it.
  ///
  /// @param messages  how many were served on this connection; the next handler finds them in
  ///                  `messages_served`, or 2^32 − 1 when there were more.
  /// Requires: `can_park()`.
  void park(Deadline deadline, std::size_t messages) noexcept {
    park_until_ = deadline;
    messages_ = static_cast<std::uint32_t>(std::min<std::size_t>(messages, UINT32_MAX));
    begun_parks_ = 0;
    awaited_ = false;
    wants_to_park_ = true;
  }

  /// As `park`, in the middle of a message of which this much has come. The next handler finds it
  /// in front of everything else, by `take_begun`; after `deadline` there is one, too.
  ///
  /// Requires: `parks_begun()`.
  void park_begun(Deadline deadline, std::size_t messages, std::string_view begun);

  /// Whether the engine offers that too.
  bool parks_begun() const noexcept { return can_park() && parking_->takes_begun(); }

  /// As `park`, after the last answer: until the client has ended, `limits.lingering_bytes` of it
  /// were thrown away, or the deadline. No handler sees it again.
  ///
  /// Requires: `parks_begun()`.
  void park_to_linger(Deadline deadline) noexcept {
    park(deadline, messages_);
    lingers_ = true;
  }

  /// Whether the end waits for what the client still sends.
  bool lingers() const noexcept { return lingers_; }

  /// What has come of a message before the connection was parked; "" from then on.
  std::string take_begun() noexcept;
  bool has_begun() const noexcept { return begun_ != nullptr; }

  /// How often the message that has begun was parked, or 255 when it was more often.
  unsigned begun_parks() const noexcept { return begun_parks_; }

  /// Says that the message has come to its end.
  void complete_message() noexcept {
    begun_parks_ = 0;
    came_before_turn_ = std::exchange(awaited_, false);
  }

  /// Whether the message at hand began to come before the event loop let anybody run in this turn,
  /// so that whatever another message has found out in this turn holds for it, too.
  bool came_before_turn() const noexcept { return came_before_turn_; }

  /// Says that this no longer holds: something has been changed for the message at hand.
  void leave_turn() noexcept { came_before_turn_ = false; }

  /// For engines: says that an event has told of the next message.
  void mark_awaited() noexcept { awaited_ = true; }

  /// Takes it back, because the handler goes on.
  void stay() noexcept { wants_to_park_ = false; }

  /// Whether the connection waits for its next request without a handler.
  bool wants_to_park() const noexcept { return wants_to_park_; }
  /// When a connection that waits is closed.
  Deadline park_until() const noexcept { return park_until_; }
  /// How many messages of this connection were answered.
  std::size_t messages_served() const noexcept { return messages_; }

  /// For engines: where to park, null for nowhere; borrowed.
  void set_parking(detail::ParkingPlace* place) noexcept { parking_ = place; }
  detail::ParkingPlace* parking() const noexcept { return parking_; }

  /// Keeps `ticket` until the request is closed: something that counts or reserves.
  void hold(std::shared_ptr<const void> ticket) noexcept { ticket_ = std::move(ticket); }
  const std::shared_ptr<const void>& ticket() const noexcept { return ticket_; }

 private:
  Socket& datagram_socket() const noexcept;
  Stream& datagram_stream() noexcept;

  // A server keeps many of these: in the order that leaves no gaps, none behind the socket either.
  [[no_unique_address]] Socket connection_;
  std::uint8_t begun_parks_ = 0;
  std::unique_ptr<detail::DatagramStream> datagram_;
  std::shared_ptr<const void> ticket_;
  detail::ParkingPlace* parking_ = nullptr;
  Deadline park_until_ = Deadline::never();
  std::unique_ptr<std::string> begun_;  // null: nothing
  std::uint32_t messages_ = 0;
  bool wants_to_park_ = false;
  bool lingers_ = false;
  bool awaited_ = false;
  bool came_before_turn_ = false;
};

}  // namespace socketserver
