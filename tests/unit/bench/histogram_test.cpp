#include "bench/load/histogram.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>

namespace socketserver::bench {
namespace {

using std::chrono::nanoseconds;

TEST(Histogram, of_nothing_is_zero) {
  EXPECT_EQ(Histogram().percentile(0.5), nanoseconds(0));
}

TEST(Histogram, small_values_are_exact) {
  Histogram histogram;
  for (int value = 1; value <= 100; ++value) histogram.record(nanoseconds(value), 1);
  EXPECT_EQ(histogram.percentile(0.01), nanoseconds(1));
  EXPECT_EQ(histogram.percentile(0.5), nanoseconds(50));
  EXPECT_EQ(histogram.percentile(0.99), nanoseconds(99));
  EXPECT_EQ(histogram.percentile(1), nanoseconds(100));
}

TEST(Histogram, is_never_below_and_little_above) {
  for (std::int64_t value = 1; value < std::numeric_limits<std::int64_t>::max() / 3; value *= 3) {
    for (const std::int64_t near : {value - 1, value, value + 1}) {
      Histogram histogram;
      histogram.record(nanoseconds(near), 1);
      const std::int64_t shown = histogram.percentile(0.5).count();
      EXPECT_GE(shown, near);
      EXPECT_LE(shown - near, near / 64);
    }
  }
}

TEST(Histogram, counts_times) {
  Histogram histogram;
  histogram.record(nanoseconds(10), 99);
  histogram.record(nanoseconds(20), 1);
  EXPECT_EQ(histogram.percentile(0.99), nanoseconds(10));
  EXPECT_EQ(histogram.percentile(0.995), nanoseconds(20));
}

TEST(Histogram, takes_the_longest_and_the_backward) {
  Histogram histogram;
  histogram.record(nanoseconds::max(), 1);
  EXPECT_EQ(histogram.percentile(1), nanoseconds::max());
  histogram.record(nanoseconds(-1), 99);
  EXPECT_EQ(histogram.percentile(0.5), nanoseconds(0));
}

}  // namespace
}  // namespace socketserver::bench
