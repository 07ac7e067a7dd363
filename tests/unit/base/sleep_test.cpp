#include <socketserver/base/sleep.hpp>

#include <gtest/gtest.h>

#include <socketserver/base/flow.hpp>

#include "tests/unit/base/fake_fiber.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::FakeFiber;

TEST(Sleep, lasts_no_less_than_its_span) {
  const Deadline least = Deadline::after(5ms);
  sleep_for(5ms);
  EXPECT_TRUE(least.expired());
}

TEST(Sleep, spans_of_zero_or_less_return_at_once) {
  for (const Duration span : {Duration(0), Duration(-1ns), Duration::min()}) sleep_for(span);
}

TEST(Sleep, lasts_until_its_deadline) {
  const Deadline deadline = Deadline::after(5ms);
  sleep_until(deadline);
  EXPECT_TRUE(deadline.expired());
}

TEST(Sleep, is_not_shortened_by_a_permit_left_over) {
  const Deadline deadline = Deadline::after(5ms);
  Flow::current().unpark();
  sleep_until(deadline);
  EXPECT_TRUE(deadline.expired());
}

TEST(Sleep, parks_a_fiber) {
  const Deadline least = Deadline::after(5ms);
  FakeFiber fiber([] { sleep_for(5ms); });
  fiber.ended.wait();
  EXPECT_TRUE(least.expired());
  EXPECT_GE(fiber.parked.count(), 1);
}

}  // namespace
}  // namespace socketserver
