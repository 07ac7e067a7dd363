#include "base/timer_wheel.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace socketserver::detail {
namespace {

constexpr int kTickShift = 18;

std::uint64_t to_ns(Deadline::Clock::time_point at) noexcept {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<Duration>(at.time_since_epoch()).count());
}

}  // namespace

Tick tick_before(Deadline::Clock::time_point at) noexcept {
  return to_ns(at) >> kTickShift;
}

Tick tick_of(Deadline deadline) noexcept {
  if (deadline.is_never()) return TimerWheel::kNever;
  return (to_ns(deadline.at()) + (std::uint64_t{1} << kTickShift) - 1) >> kTickShift;
}

std::uint64_t nanoseconds_to(Tick tick, Deadline::Clock::time_point at) noexcept {
  const std::uint64_t now = to_ns(at);
  const std::uint64_t then = tick << kTickShift;
  return then > now ? then - now : 0;
}

Deadline deadline_of(Tick tick) noexcept {
  if (tick == TimerWheel::kNever) return Deadline::never();
  return Deadline::after(
      Duration(static_cast<Duration::rep>(nanoseconds_to(tick, Deadline::Clock::now()))));
}

void TimerWheel::insert(Timer& timer, Tick tick) noexcept {
  timer.tick_ = std::max(tick, present_);
  const Tick differing = timer.tick_ ^ present_;
  const auto highest = static_cast<std::size_t>(std::bit_width(differing | 1)) - 1;
  const std::size_t level = highest / kDigitBits;
  const std::size_t digit = (timer.tick_ >> (level * kDigitBits)) % kSlots;

  timer.slot_ = static_cast<std::uint16_t>(level * kSlots + digit);
  Timer*& head = slots_[timer.slot_];
  timer.next_ = std::exchange(head, &timer);
  timer.link_ = &head;
  if (timer.next_) timer.next_->link_ = &timer.next_;

  occupied_[level] |= std::uint64_t{1} << digit;
  levels_ |= 1U << level;
}

void TimerWheel::remove(Timer& timer) noexcept {
  *timer.link_ = timer.next_;
  if (timer.next_) timer.next_->link_ = timer.link_;
  timer.next_ = nullptr;
  timer.link_ = nullptr;

  if (slots_[timer.slot_]) return;
  const std::size_t level = timer.slot_ / kSlots;
  occupied_[level] &= ~(std::uint64_t{1} << timer.slot_ % kSlots);
  if (occupied_[level] == 0) levels_ &= ~(1U << level);
}

TimerWheel::Slot TimerWheel::next_slot() const noexcept {
  if (empty()) return {0, kNever};
  const auto level = static_cast<std::size_t>(std::countr_zero(levels_));
  const auto digit = static_cast<std::size_t>(std::countr_zero(occupied_[level]));
  // Above level 0 all timers of a level lie ahead of the present, and agree with it in the digits
  // above their own.
  const std::size_t shift = level * kDigitBits;
  const Tick above = shift + kDigitBits < 64 ? present_ >> (shift + kDigitBits) : 0;
  return {level * kSlots + digit, ((above << kDigitBits) | digit) << shift};
}

TimerWheel::Timer* TimerWheel::pop_expired(Tick now) noexcept {
  for (;;) {
    const Slot slot = next_slot();
    if (slot.tick > now || empty()) {
      present_ = std::max(present_, now);
      return nullptr;
    }
    present_ = std::max(present_, slot.tick);
    if (slot.index < kSlots) {
      Timer& timer = *slots_[slot.index];
      remove(timer);
      return &timer;
    }
    move_down(slot.index);
  }
}

void TimerWheel::move_down(std::size_t slot) noexcept {
  while (Timer* const timer = slots_[slot]) {
    remove(*timer);
    insert(*timer, timer->tick_);
  }
}

}  // namespace socketserver::detail
