#pragma once

#include <cstdint>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/limits.hpp>
#include <socketserver/base/result.hpp>

namespace socketserver::http {

/// Whether a client that we wait for moves bytes fast enough: `Limits::min_rate`, in one direction.
///
/// Only the time spent waiting for it counts, so a slow handler or script is nobody's fault. It is
/// judged at the end of every span of such time, each span by itself: what a client has moved
/// earlier earns it nothing.
class MinimumRate {
 public:
  /// No least rate.
  MinimumRate() = default;

  explicit MinimumRate(const Limits& limits) noexcept;

  bool is_on() const noexcept { return needed_ != 0; }

  /// Forgets what was: another message begins.
  void restart() noexcept;

  /// A wait for the client begins. Returns when it has lasted too long if nothing moves.
  Deadline begin_wait() noexcept;

  /// The wait has ended. False when the client is too slow.
  bool end_wait() noexcept;

  /// So many bytes have moved.
  void moved(std::uint64_t bytes) noexcept { bytes_ += bytes; }

  /// Does what `operation` does with a deadline, as a wait for the client; an operation that
  /// brought too little has timed out.
  template <class Operation>
  IoResult timed(Deadline deadline, Operation operation) {
    if (!is_on()) return operation(deadline);
    IoResult result = operation(Deadline::earlier(deadline, begin_wait()));
    moved(result.n);
    if (!end_wait() && !result.ec) result = {0, std::make_error_code(std::errc::timed_out)};
    return result;
  }

 private:
  std::uint64_t needed_ = 0;  // bytes in each span
  Duration span_ = Duration::zero();
  std::uint64_t bytes_ = 0;             // in this span
  Duration waited_ = Duration::zero();  // of this span
  Deadline::Clock::time_point since_;   // the wait that is going on
};

}  // namespace socketserver::http
