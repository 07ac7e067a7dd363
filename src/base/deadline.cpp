#include <socketserver/base/deadline.hpp>

#include <algorithm>
#include <limits>

namespace socketserver {

Deadline Deadline::from_now(Duration span) noexcept {
  const auto now = Clock::now();
  if (span >= never().at_ - now) return never();
  return Deadline(now + std::max(span, Duration::zero()));
}

Duration Deadline::remaining() const noexcept {
  if (is_never()) return Duration::max();
  return std::max<Duration>(at_ - Clock::now(), Duration::zero());
}

int Deadline::poll_timeout() const noexcept {
  if (is_never()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(remaining()).count();
  return static_cast<int>(std::min<std::int64_t>(left, std::numeric_limits<int>::max()));
}

}  // namespace socketserver
