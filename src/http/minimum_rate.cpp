#include "http/minimum_rate.hpp"

#include <algorithm>
#include <chrono>

namespace socketserver::http {
namespace {

/// What a whole span must bring; at least one byte, however low the rate.
std::uint64_t bytes_of(std::uint64_t rate, Duration span) noexcept {
  if (rate == 0) return 0;
  const double bytes = static_cast<double>(rate) * std::chrono::duration<double>(span).count();
  constexpr double kMost = 1e18;  // fits, and nobody moves as much
  return static_cast<std::uint64_t>(std::clamp(bytes, 1.0, kMost));
}

}  // namespace

MinimumRate::MinimumRate(const Limits& limits) noexcept
    : needed_(bytes_of(limits.min_rate, limits.min_rate_span)), span_(limits.min_rate_span) {}

void MinimumRate::restart() noexcept {
  bytes_ = 0;
  waited_ = Duration::zero();
}

Deadline MinimumRate::begin_wait() noexcept {
  since_ = Deadline::Clock::now();
  // Who has brought enough for this span has all of the next one.
  const Duration left = span_ - waited_;
  return Deadline::after(bytes_ >= needed_ ? left + span_ : left);
}

bool MinimumRate::end_wait() noexcept {
  waited_ += Deadline::Clock::now() - since_;
  if (waited_ < span_) return true;
  const bool enough = bytes_ >= needed_;
  restart();
  return enough;
}

}  // namespace socketserver::http
