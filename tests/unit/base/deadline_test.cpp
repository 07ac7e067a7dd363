#include <socketserver/base/deadline.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace socketserver {
namespace {

using namespace std::chrono_literals;

TEST(Deadline, never_does_not_expire) {
  const Deadline never = Deadline::never();
  EXPECT_TRUE(never.is_never());
  EXPECT_FALSE(never.expired());
  EXPECT_EQ(never.remaining(), Duration::max());
  EXPECT_EQ(never.poll_timeout(), -1);
}

TEST(Deadline, an_absent_span_is_no_limit) {
  EXPECT_TRUE(Deadline::after(std::nullopt).is_never());
}

TEST(Deadline, spans_of_zero_or_less_have_expired) {
  for (const Duration span : {Duration(0), Duration(-1ns), Duration(-1h), Duration::min()}) {
    const Deadline deadline = Deadline::after(span);
    EXPECT_TRUE(deadline.expired()) << span.count();
    EXPECT_EQ(deadline.remaining(), Duration::zero());
    EXPECT_EQ(deadline.poll_timeout(), 0);
  }
}

TEST(Deadline, a_span_too_long_for_the_clock_is_no_limit) {
  EXPECT_TRUE(Deadline::after(Duration::max()).is_never());
}

TEST(Deadline, remaining_counts_down_from_the_span) {
  const Deadline deadline = Deadline::after(1h);
  const Duration first = deadline.remaining();
  EXPECT_LE(first, 1h);
  EXPECT_GT(first, 59min);
  EXPECT_LE(deadline.remaining(), first);
  EXPECT_FALSE(deadline.expired());
}

TEST(Deadline, poll_timeout_rounds_up) {
  // Rounded down, the last millisecond of every wait would be a busy loop.
  const Deadline deadline = Deadline::after(900us);
  if (!deadline.expired()) {
    EXPECT_EQ(deadline.poll_timeout(), deadline.expired() ? 0 : 1);
  }
  EXPECT_LE(Deadline::after(10ms).poll_timeout(), 10);
}

TEST(Deadline, poll_timeout_fits_an_int) {
  EXPECT_EQ(Deadline::after(24h * 365).poll_timeout(), std::numeric_limits<int>::max());
}

TEST(Deadline, earlier_is_the_sooner_of_two) {
  const Deadline soon = Deadline::after(Duration::zero());
  const Deadline late = Deadline::after(1h);
  EXPECT_TRUE(Deadline::earlier(soon, late).expired());
  EXPECT_TRUE(Deadline::earlier(late, soon).expired());
  EXPECT_FALSE(Deadline::earlier(late, Deadline::never()).is_never());
  EXPECT_TRUE(Deadline::earlier(Deadline::never(), Deadline::never()).is_never());
}

}  // namespace
}  // namespace socketserver
