#include "http/minimum_rate.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace socketserver::http {
namespace {

using namespace std::chrono_literals;

MinimumRate rate(std::uint64_t bytes_per_second, Duration span) {
  return MinimumRate(Limits{.min_rate = bytes_per_second, .min_rate_span = span});
}

TEST(MinimumRate, off_unless_wanted) {
  EXPECT_FALSE(MinimumRate().is_on());
  EXPECT_FALSE(MinimumRate(Limits()).is_on());
  EXPECT_TRUE(rate(1, 1s).is_on());
}

TEST(MinimumRate, off_leaves_operations_alone) {
  MinimumRate off;
  const IoResult result = off.timed(Deadline::never(), [](Deadline deadline) {
    EXPECT_TRUE(deadline.is_never());
    return IoResult{1, {}};
  });
  EXPECT_EQ(result.n, 1);
}

TEST(MinimumRate, who_has_brought_nothing_has_one_span) {
  MinimumRate some = rate(1, 1h);
  const Duration left = some.begin_wait().remaining();
  EXPECT_LE(left, 1h);
  EXPECT_GT(left, 59min);
  EXPECT_TRUE(some.end_wait());
}

TEST(MinimumRate, who_has_brought_enough_has_the_next_span_too) {
  MinimumRate some = rate(1, 1h);
  some.moved(3600);
  const Duration left = some.begin_wait().remaining();
  EXPECT_LE(left, 2h);
  EXPECT_GT(left, 119min);
}

TEST(MinimumRate, too_little_in_a_span_is_too_slow) {
  MinimumRate some = rate(1'000'000, 1ms);
  some.moved(999);
  const Deadline end = some.begin_wait();
  while (!end.expired()) continue;
  EXPECT_FALSE(some.end_wait());
}

TEST(MinimumRate, what_was_brought_before_earns_nothing) {
  MinimumRate some = rate(1'000'000, 1ms);
  some.moved(1'000'000'000);
  const Deadline enough = some.begin_wait();
  while (!enough.expired()) continue;
  EXPECT_TRUE(some.end_wait());
  const Deadline too_little = some.begin_wait();
  while (!too_little.expired()) continue;
  EXPECT_FALSE(some.end_wait());
}

TEST(MinimumRate, an_operation_that_is_too_slow_has_timed_out) {
  MinimumRate some = rate(1'000'000, 1ms);
  const auto slow = [](Deadline deadline) {
    while (!deadline.expired()) continue;
    return IoResult{1, {}};
  };
  EXPECT_EQ(some.timed(Deadline::never(), slow).ec, std::errc::timed_out);
}

TEST(MinimumRate, however_low_it_wants_a_byte) {
  MinimumRate some = rate(1, 1ms);
  const Deadline end = some.begin_wait();
  while (!end.expired()) continue;
  EXPECT_FALSE(some.end_wait());
}

}  // namespace
}  // namespace socketserver::http
