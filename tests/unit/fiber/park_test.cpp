#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include <socketserver/base/flow.hpp>
#include <socketserver/base/mutex.hpp>
#include <socketserver/base/offload.hpp>
#include <socketserver/base/sleep.hpp>

#include "tests/unit/fiber/fiber_test.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using Clock = Deadline::Clock;

class FiberPark : public FiberTest {};

TEST_F(FiberPark, a_permit_is_kept_for_the_next_park_and_only_one) {
  spawn([] {
    Flow& self = Flow::current();
    self.unpark();
    self.unpark();
    EXPECT_TRUE(self.park(Deadline::never()));
    EXPECT_FALSE(self.park(Deadline::after(1ms)));
  });
  run();
}

TEST_F(FiberPark, a_permit_counts_even_past_the_deadline) {
  spawn([] {
    Flow::current().unpark();
    EXPECT_TRUE(Flow::current().park(Deadline::after(0ms)));
    EXPECT_FALSE(Flow::current().park(Deadline::after(0ms)));
  });
  run();
}

TEST_F(FiberPark, one_fiber_unparks_another) {
  Flow* sleeper = nullptr;
  bool woken = false;
  spawn([&] {
    sleeper = &Flow::current();
    EXPECT_TRUE(sleeper->park(Deadline::after(testing::kPatience)));
    woken = true;
  });
  spawn([&] {
    sleeper->unpark();
    EXPECT_FALSE(woken) << "it becomes ready, it does not run at once";
  });
  run();
  EXPECT_TRUE(woken);
}

TEST_F(FiberPark, another_thread_unparks) {
  spawn([&] {
    Flow& self = Flow::current();
    std::thread other([&] { self.unpark(); });
    EXPECT_TRUE(self.park(Deadline::never()));
    other.join();
  });
  run();
}

TEST_F(FiberPark, other_threads_unpark_many_fibers_many_times) {
  constexpr int kFibers = 50;
  constexpr int kRounds = 200;
  std::vector<Flow*> flows;
  int wakeups = 0;
  std::size_t at_work = 3;
  for (int i = 0; i < kFibers; ++i) {
    spawn([&] {
      Flow& self = Flow::current();
      flows.push_back(&self);
      while (at_work > 0) wakeups += self.park(Deadline::never()) ? 1 : 0;
    });
  }
  run_until_all_wait();
  const auto unpark_all = [&] {
    for (Flow* const flow : flows) flow->unpark();
  };
  std::vector<std::thread> threads(at_work);
  for (auto& thread : threads) {
    thread = std::thread([&] {
      for (int round = 0; round < kRounds; ++round) unpark_all();
      scheduler.post([&] {
        if (--at_work == 0) unpark_all();
      });
    });
  }
  run();
  for (auto& thread : threads) thread.join();
  EXPECT_GE(wakeups, kFibers);
}

TEST_F(FiberPark, a_fiber_that_was_unparked_too_late_leaves_no_trace) {
  // The unpark is in the inbox while the fiber ends for another reason; its stack is used again.
  for (int i = 0; i < 200; ++i) {
    spawn([] {
      Flow& self = Flow::current();
      std::thread([&] { self.unpark(); }).join();
    });
    spawn([&] { spawn([] { EXPECT_FALSE(Flow::current().park(Deadline::after(0ms))); }); });
    run();
  }
}

TEST_F(FiberPark, deadlines_in_any_order_never_come_early) {
  std::mt19937 random(7);
  std::vector<std::chrono::milliseconds> spans;
  for (int i = 0; i < 300; ++i) spans.emplace_back(random() % 60);
  std::size_t passed = 0;
  for (const auto span : spans) {
    spawn([&passed, span] {
      const auto start = Clock::now();
      EXPECT_FALSE(Flow::current().park(Deadline::after(span)));
      EXPECT_GE(Clock::now() - start, span);
      ++passed;
    });
  }
  run();
  EXPECT_EQ(passed, spans.size());
}

TEST_F(FiberPark, deadlines_are_exact_to_about_a_millisecond) {
  // The best of many: others may use the processor, too.
  Duration least_late = 1s;
  spawn([&] {
    for (int i = 0; i < 20; ++i) {
      const auto start = Clock::now();
      EXPECT_FALSE(Flow::current().park(Deadline::after(3ms)));
      least_late = std::min<Duration>(least_late, Clock::now() - start - 3ms);
    }
  });
  run();
  EXPECT_LT(least_late, 2ms);
}

TEST_F(FiberPark, a_deadline_that_is_far_away_is_no_burden) {
  for (const Duration span : {Duration(24h), Duration::max() - Duration(1h), Duration::max()}) {
    Flow* sleeper = nullptr;
    spawn([&] {
      sleeper = &Flow::current();
      EXPECT_TRUE(sleeper->park(Deadline::after(span)));
    });
    run_until_all_wait();
    sleeper->unpark();
    run();
  }
}

class FiberPrimitives : public FiberTest {};

TEST_F(FiberPrimitives, a_mutex_may_be_held_while_its_fiber_sleeps) {
  Mutex mutex;
  int inside = 0;
  for (int i = 0; i < 5; ++i) {
    spawn([&] {
      const std::lock_guard lock(mutex);
      EXPECT_EQ(++inside, 1);
      sleep_for(1ms);
      EXPECT_EQ(inside--, 1);
    });
  }
  run();
}

TEST_F(FiberPrimitives, fibers_and_threads_share_a_mutex) {
  Mutex mutex;
  int count = 0;
  constexpr int kRounds = 200;
  const auto work = [&] {
    for (int i = 0; i < kRounds; ++i) {
      const std::lock_guard lock(mutex);
      ++count;
    }
  };
  std::thread thread(work);
  for (int i = 0; i < 3; ++i) {
    spawn([&] {
      for (int j = 0; j < kRounds; ++j) {
        const std::lock_guard lock(mutex);
        ++count;
        scheduler.yield();
      }
    });
  }
  run();
  thread.join();
  EXPECT_EQ(count, 4 * kRounds);
}

TEST_F(FiberPrimitives, offload_lets_other_fibers_run) {
  testing::Event other_ran("the other fiber runs");
  spawn([&] {
    EXPECT_EQ(offload([&] {
                other_ran.wait();
                return 42;
              }),
              42);
  });
  spawn([&] { other_ran.set(); });
  run();
}

}  // namespace
}  // namespace socketserver
