#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/result.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/stream.hpp>
#include <socketserver/net/waiter.hpp>

namespace socketserver {

/// Whether a socket carries a stream of bytes or separate packets.
enum class SocketType { stream, datagram };

/// One direction of a connection, or both.
enum class Direction { read, write, both };

/// A socket that owns its descriptor.
///
/// For the caller, two forms: `recv`, `sendall`, `connect` … throw, as Python's do, and apply the
/// timeout set by `settimeout`; `read_some` and `write_some` (from Stream) return what happened as
/// a value and take a deadline.
///
/// Every descriptor is close-on-exec. Signals never cut an operation short, a peer that went away
/// never raises SIGPIPE, and a deadline spans the whole operation, not each system call of it.
///
/// Thread safety: one thread at a time; `shutdown` from any thread, and it wakes the one that
/// waits.
///
/// Source: Python `socket.socket`.
class Socket final : public Stream {
 public:
  /// Not open; `fileno()` is −1.
  Socket() = default;

  /// Takes over a descriptor that somebody else opened (accepted, inherited, one of a pair).
  explicit Socket(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket() override {
    if (fd_) close();
  }

  /// An unbound socket.
  ///
  /// @throws OSError "socket".
  static Socket open(AddressFamily family, SocketType type);

  /// A stream socket connected to `address`.
  ///
  /// @param waiter  how to wait for that; afterwards the socket's. As of `set_waiter`.
  /// @throws OSError "connect 127.0.0.1:80"; TimeoutError when `deadline` passes first.
  static Socket connect(const Address& address, Deadline deadline = Deadline::never(),
                        Waiter& waiter = Waiter::thread());

  int fileno() const noexcept override { return fd_.get(); }
  explicit operator bool() const noexcept { return static_cast<bool>(fd_); }

  /// Closes the descriptor; a second call does nothing.
  void close() noexcept;

  /// Gives the descriptor to the caller, who must close it; this socket is closed afterwards.
  [[nodiscard]] UniqueFd detach() noexcept;

  // Listening

  /// @param ipv6_only  an IPv6 address takes no IPv4 connections or packets (IPV6_V6ONLY); ""
  ///                   takes both all the same.
  /// @throws OSError "bind 127.0.0.1:80", `std::errc::address_in_use` among others;
  ///         std::length_error when a Unix path does not fit, naming its length and the limit.
  void bind(const Address& address, bool ipv6_only = false);

  /// Also makes the socket non-blocking, for `accept`.
  ///
  /// @throws OSError "listen 127.0.0.1:80".
  void listen(int backlog);

  /// Takes the next connection from the queue without waiting for one. The new socket blocks and
  /// has no timeout, whatever this one has.
  ///
  /// @throws OSError "accept"; `std::errc::resource_unavailable_try_again` when the queue is empty.
  std::pair<Socket, Address> accept();

  /// @throws OSError "getsockname" or "getpeername".
  Address getsockname() const;
  Address getpeername() const;  ///< The address of the other end.

  // Blocking I/O that throws

  /// The timeout of the calls below; absent: none. Counts from each call.
  void settimeout(std::optional<Duration> timeout) noexcept {
    timeout_ = timeout.value_or(kNoTimeout);
  }
  std::optional<Duration> gettimeout() const noexcept {
    return timeout_ == kNoTimeout ? std::nullopt : std::optional(timeout_);
  }

  /// Waits for bytes and returns at most `n` of them, and at most 1 MiB; "" at the end of the
  /// stream.
  ///
  /// @throws TimeoutError; OSError "recv" when the connection failed.
  std::string recv(std::size_t n);

  /// Writes all of `data` or throws.
  ///
  /// @throws TimeoutError; OSError "send", `std::errc::broken_pipe` when the peer is gone.
  void sendall(std::string_view data);

  /// Sends `data` as one packet to `address`, from a datagram socket. Any thread, many at once.
  ///
  /// @return the number of bytes sent, which is all of them.
  /// @throws TimeoutError; OSError "sendto 127.0.0.1:9", `std::errc::message_size` when no packet
  ///         can be that large.
  std::size_t sendto(std::string_view data, const Address& address) const;

  /// Waits for a packet and returns at most `n` bytes of it, with its sender. From one thread.
  ///
  /// @throws TimeoutError; OSError "recvfrom".
  std::pair<std::string, Address> recvfrom(std::size_t n);

  /// Ends one direction or both; what waits in them returns. A connection that is gone already is
  /// no error.
  void shutdown(Direction direction) noexcept;

  /// Why reading or writing last failed, its timeout included; unset as long as it has not. Tells
  /// the troubles of this connection from others that a handler may have.
  std::error_code failure() const noexcept { return {failure_, std::system_category()}; }

  // Stream: I/O whose outcome is a value

  IoResult read_some(std::span<char> into, Deadline deadline) override;
  IoResult try_read_some(std::span<char> into, Duration patience) override;
  std::error_code wait_readable(Deadline deadline) override;
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override;
  IoResult try_write_some(std::span<const std::string_view> parts) override;
  IoResult send_file_some(int fd, std::uint64_t offset, std::uint64_t count,
                          Deadline deadline) override;
  void shutdown_write() noexcept override { shutdown(Direction::write); }
  void mark_busy() noexcept override { mid_exchange_ = true; }

  // For engines, which wait in a socket's place

  /// Whether there are bytes to be read, or the end; never waits.
  bool has_input() noexcept;

  /// Whether there is nothing to be read but the end, or a failure; never waits.
  bool at_end() const noexcept;

  /// There is something to be read, or may be.
  void mark_readable() noexcept {
    maybe_readable_ = true;
    fresh_ = false;
  }

  /// The waiter knows the descriptor and has to hear when it goes.
  void mark_waited_for() noexcept { waited_for_ = true; }

  // Options

  /// Sends small writes at once instead of gathering them (TCP_NODELAY). Not a TCP socket: ignored.
  void set_nodelay(bool on) noexcept;

  /// Sets an integer option of setsockopt(2).
  ///
  /// @throws OSError "setsockopt".
  void set_option(int level, int name, int value);

  /// How this socket waits when an operation would block; the thread waiter unless an engine says
  /// otherwise. `waiter` is borrowed and must outlive the socket.
  void set_waiter(Waiter& waiter) noexcept;

  /// What `set_waiter` was given: for who has further descriptors to wait for beside this socket.
  Waiter& waiter() const noexcept { return *waiter_; }

 private:
  std::error_code wait(Interest interest, Deadline deadline);
  void forget() noexcept;
  bool may_block(Deadline deadline) const noexcept;
  IoResult read_blocking(std::span<char> into, Deadline deadline);
  IoResult finish_read(std::ptrdiff_t got, std::size_t wanted) noexcept;
  IoResult cancelled_read() noexcept;
  IoResult failed(std::error_code code) noexcept;
  std::ptrdiff_t send_now(std::span<const std::string_view> parts) const noexcept;
  IoResult finish_write(std::ptrdiff_t written) noexcept;

  static constexpr Duration kNoTimeout = Duration::max();

  // A server has many of these: in the order that leaves no gaps.
  Waiter* waiter_ = &Waiter::thread();
  Duration timeout_ = kNoTimeout;
  UniqueFd fd_;
  std::int16_t failure_ = 0;  // an errno

  // A short read emptied the kernel's buffer: waiting first then saves the read that would fail.
  bool maybe_readable_ : 1 = true;

  // Nothing was read yet: a look at the kernel's buffer tells more than a guess.
  bool fresh_ : 1 = true;

  // A call without MSG_DONTWAIT would not block.
  bool non_blocking_ : 1 = false;

  // The waiter knows the descriptor, and has to hear when it goes.
  bool waited_for_ : 1 = false;

  // Something was read that has not been answered by a write yet; see Waiter::wait's `idle`.
  bool mid_exchange_ : 1 = false;
};

}  // namespace socketserver
