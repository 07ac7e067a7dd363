#pragma once

#include <system_error>

#include <socketserver/base/deadline.hpp>

namespace socketserver {

/// What a waiting socket wants to do.
enum class Interest { read, write };

/// How a flow of control waits for a socket: the seam between sockets and engines.
///
/// A socket asks its waiter only when the operation would block. A thread then sleeps in poll(2); a
/// fiber parks and lets its loop run others; a test injects what it likes.
///
/// For overriding: implement `wait`, and `cancelled` where flows can be cut short.
/// Thread safety: one waiter may serve many sockets on many threads.
/// Lifetime: outlives every socket that was given it.
class Waiter {
 public:
  virtual ~Waiter() = default;

  /// Returns when `fd` is ready for `interest` or has failed; the socket then tries again and
  /// learns which.
  ///
  /// @param idle  the flow has nothing half-done: it has answered all that it has read. A server
  ///              that stops ends idle waits at once and lets the others finish.
  /// @return `std::errc::timed_out` when the deadline passed, `std::errc::operation_canceled` when
  ///         the server is stopping and will not wait for this flow.
  virtual std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) = 0;

  /// As `wait` of a flow that is not idle until `fd` is readable, which stands for several things:
  /// an epoll instance. The peer is not all that is waited for.
  virtual std::error_code wait_for_any(int fd, Deadline deadline) {
    return wait(fd, Interest::read, deadline, false);
  }

  /// Whether this flow must end even if it never needs to wait: a peer that keeps sending could
  /// hold a stopping server up for ever. Sockets ask before every operation, from any thread.
  virtual bool cancelled() const noexcept { return false; }

  /// Called by a flow that could go on for long without waiting: lets the others that share its
  /// thread run first. Nothing where each has a thread of its own.
  virtual void yield() {}

  // For engines of threads, which may wait inside the system call itself and save the one that
  // waits.

  /// A system call that blocks; it lives on the stack of the flow that makes it.
  struct Call {
    int fd;                    ///< What is waited for.
    bool idle;                 ///< Whether the peer owes nothing: such a wait ends at a stop.
    bool cut = false;          ///< The engine has ended it before its time. Read after `end_call`.
    Call* previous = nullptr;  ///< Of the list of waits.
    Call* next = nullptr;      ///< Of the list of waits.
  };

  /// Whether a flow may block in a call that has no deadline, between the two functions below.
  virtual bool blocks_in_calls() const noexcept { return false; }

  /// Says that `call` will block; false when it must not, because the server is stopping.
  virtual bool begin_call(Call& /*call*/) noexcept { return true; }

  /// Says that `call` has returned.
  virtual void end_call(Call& /*call*/) noexcept {}

  /// `fd` was waited for and is about to be closed; its number may soon name another socket.
  /// Thread: the one that closes it.
  virtual void forget(int /*fd*/) noexcept {}

  /// The waiter of plain threads: sleeps in poll(2). Never cancels.
  static Waiter& thread() noexcept;

 protected:
  Waiter() = default;
  Waiter(const Waiter&) = default;
  Waiter& operator=(const Waiter&) = default;
};

}  // namespace socketserver
