#pragma once

#include <chrono>
#include <optional>

namespace socketserver {

/// Every span of time in this library. Any `std::chrono` literal converts to it: `500ms`, `10s`.
using Duration = std::chrono::nanoseconds;

/// The moment by which one whole operation must be done.
///
/// A deadline is fixed once for an operation and handed down through every system call that the
/// operation makes, so that signals, short reads and early wake-ups never extend it.
///
/// Thread safety: an immutable value.
class Deadline {
 public:
  /// The monotonic clock: setting the time of day moves no deadline.
  using Clock = std::chrono::steady_clock;

  /// No limit.
  static constexpr Deadline never() noexcept { return Deadline(Clock::time_point::max()); }

  /// `span` from now; an absent span is no limit (Python's `None`). Spans of zero or less have
  /// expired already: the operation is tried once.
  static Deadline after(std::optional<Duration> span) noexcept {
    return span ? from_now(*span) : never();
  }

  /// The earlier of two.
  static Deadline earlier(Deadline a, Deadline b) noexcept { return a.at_ < b.at_ ? a : b; }

  /// The moment itself; the end of time when there is no limit.
  Clock::time_point at() const noexcept { return at_; }

  /// Whether it never comes.
  bool is_never() const noexcept { return at_ == Clock::time_point::max(); }
  /// Whether it has passed.
  bool expired() const noexcept { return !is_never() && Clock::now() >= at_; }

  /// What is left, never negative. `Duration::max()` when there is no limit.
  Duration remaining() const noexcept;

  /// What is left as poll(2) and epoll_wait(2) want it: milliseconds rounded up, −1 for no limit.
  int poll_timeout() const noexcept;

 private:
  static Deadline from_now(Duration span) noexcept;

  constexpr explicit Deadline(Clock::time_point at) noexcept : at_(at) {}

  Clock::time_point at_;
};

}  // namespace socketserver
