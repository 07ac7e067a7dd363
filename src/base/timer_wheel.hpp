#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include <socketserver/base/deadline.hpp>

namespace socketserver::detail {

/// Point of time on a TimerWheel, counted from any beginning.
using Tick = std::uint64_t;

/// The last tick of the clock of deadlines that has come. A tick is 2^18 ns, 0.26 ms: finer than
/// the milliseconds of epoll_wait(2), and converted by a shift.
Tick tick_before(Deadline::Clock::time_point at) noexcept;

/// The first tick that is not before the deadline; TimerWheel::kNever without one.
Tick tick_of(Deadline deadline) noexcept;

/// How many nanoseconds there are from `at` to the beginning of `tick`; 0 when it has come.
std::uint64_t nanoseconds_to(Tick tick, Deadline::Clock::time_point at) noexcept;

/// When `tick` comes; never for TimerWheel::kNever.
Deadline deadline_of(Tick tick) noexcept;

/// Timers that cost the same to set and to remove however many there are.
///
/// Slots in levels: a slot of level 0 is one tick, a slot of each further level is as long as the
/// whole level below. A timer lies in the level of the highest digit (base 64) in which its tick
/// differs from the wheel's present, and moves down when the present enters its slot. So the
/// earliest timer is always in the lowest level that has any, and each timer moves at most once per
/// level. Most are removed before they move at all: an answer usually comes before its deadline.
///
/// Thread safety: one thread at a time. Allocates nothing.
class TimerWheel {
 public:
  /// To be derived from, or to be a member. Lifetime: must not go while it is armed.
  class Timer {
   public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    bool armed() const noexcept { return link_ != nullptr; }

    /// When it runs out. Requires: armed.
    Tick tick() const noexcept { return tick_; }

   private:
    friend class TimerWheel;

    Timer* next_ = nullptr;
    Timer** link_ = nullptr;  // what points to this timer: a slot, or another timer's next_
    Tick tick_ = 0;
    std::uint16_t slot_ = 0;
  };

  /// The answer of `next` when no timer is set.
  static constexpr Tick kNever = ~Tick{0};

  TimerWheel() = default;
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Sets a timer, which is not armed, to run out at `tick`; in the past means now.
  void insert(Timer& timer, Tick tick) noexcept;

  /// Requires: the timer is armed, in this wheel.
  void remove(Timer& timer) noexcept;

  /// One timer that has run out at `now`, no longer armed; null when there is none. Earlier ticks
  /// come first. `now` never goes back.
  Timer* pop_expired(Tick now) noexcept;

  /// When to look again: no timer runs out earlier.
  Tick next() const noexcept { return next_slot().tick; }

  bool empty() const noexcept { return levels_ == 0; }

 private:
  static constexpr unsigned kDigitBits = 6;
  static constexpr std::size_t kSlots = std::size_t{1} << kDigitBits;
  static constexpr std::size_t kLevels = (64 + kDigitBits - 1) / kDigitBits;

  struct Slot {
    std::size_t index;
    Tick tick;  // when it begins
  };

  Slot next_slot() const noexcept;
  void move_down(std::size_t slot) noexcept;

  Tick present_ = 0;
  std::uint32_t levels_ = 0;                       // a bit per level that has timers
  std::array<std::uint64_t, kLevels> occupied_{};  // a bit per slot that has timers
  std::array<Timer*, kLevels * kSlots> slots_{};
};

}  // namespace socketserver::detail
