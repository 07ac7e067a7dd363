#include <socketserver/base/flow.hpp>

#include <gtest/gtest.h>

#include <thread>

#include <socketserver/testing/wait.hpp>

#include "tests/unit/base/fake_fiber.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::FakeFiber;
using testing::kPatience;

TEST(Flow, a_permit_ends_the_park_that_follows) {
  Flow& flow = Flow::current();
  flow.unpark();
  EXPECT_TRUE(flow.park(Deadline::never()));
}

TEST(Flow, a_permit_counts_even_past_the_deadline) {
  Flow& flow = Flow::current();
  flow.unpark();
  EXPECT_TRUE(flow.park(Deadline::after(0s)));
  EXPECT_FALSE(flow.park(Deadline::after(0s)));
}

TEST(Flow, permits_do_not_add_up) {
  Flow& flow = Flow::current();
  flow.unpark();
  flow.unpark();
  EXPECT_TRUE(flow.park(Deadline::never()));
  EXPECT_FALSE(flow.park(Deadline::after(0s)));
}

TEST(Flow, park_ends_at_its_deadline_and_not_before) {
  const Deadline deadline = Deadline::after(5ms);
  EXPECT_FALSE(Flow::current().park(deadline));
  EXPECT_TRUE(deadline.expired());
}

TEST(Flow, another_thread_unparks) {
  Flow& flow = Flow::current();
  std::jthread other([&flow] { flow.unpark(); });
  EXPECT_TRUE(flow.park(Deadline::after(kPatience)));
}

TEST(Flow, two_threads_take_turns) {
  constexpr int kTurns = 1000;
  Flow& here = Flow::current();
  Event known("the other thread's flow is known");
  Flow* there = nullptr;
  std::jthread other([&] {
    there = &Flow::current();
    known.set();
    for (int i = 0; i < kTurns; ++i) {
      if (!Flow::current().park(Deadline::after(kPatience))) return;
      here.unpark();
    }
  });
  known.wait();
  for (int i = 0; i < kTurns; ++i) {
    there->unpark();
    ASSERT_TRUE(here.park(Deadline::after(kPatience))) << i;
  }
}

TEST(Flow, every_thread_has_its_own) {
  Flow& here = Flow::current();
  EXPECT_EQ(&Flow::current(), &here);
  EXPECT_TRUE(here.is_thread());
  std::jthread([&here] { EXPECT_NE(&Flow::current(), &here); });
}

TEST(Flow, an_engine_makes_its_fiber_the_current_one) {
  Flow& own = Flow::current();
  FakeFiber fiber([] {});
  EXPECT_EQ(Flow::exchange_current(&fiber), nullptr);
  EXPECT_EQ(&Flow::current(), &fiber);
  EXPECT_FALSE(Flow::current().is_thread());
  EXPECT_EQ(Flow::exchange_current(nullptr), &fiber);
  EXPECT_EQ(&Flow::current(), &own);
}

}  // namespace
}  // namespace socketserver
