#include <socketserver/base/mutex.hpp>

#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <socketserver/testing/wait.hpp>

#include "tests/unit/base/fake_fiber.hpp"

namespace socketserver {
namespace {

using testing::Event;
using testing::FakeFiber;

constinit Mutex global_mutex;

bool is_free(Mutex& mutex) {
  return std::unique_lock(mutex, std::try_to_lock).owns_lock();
}

TEST(Mutex, a_global_one_needs_no_start_up) {
  const std::lock_guard lock(global_mutex);
}

TEST(Mutex, is_taken_until_it_is_unlocked) {
  Mutex mutex;
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(is_free(mutex));
    mutex.lock();
    EXPECT_FALSE(is_free(mutex));
    mutex.unlock();
  }
}

TEST(Mutex, works_with_the_guards_of_the_standard_library) {
  Mutex a;
  Mutex b;
  {
    const std::scoped_lock both(a, b);
    EXPECT_FALSE(is_free(a));
    EXPECT_FALSE(is_free(b));
  }
  EXPECT_TRUE(is_free(a));
  EXPECT_TRUE(is_free(b));
}

TEST(Mutex, those_that_wait_get_it_in_the_order_in_which_they_came) {
  Mutex mutex;
  std::vector<int> order;
  std::list<FakeFiber> fibers;
  {
    const std::lock_guard lock(mutex);
    for (int i = 0; i < 5; ++i) {
      fibers.emplace_back([&mutex, &order, i] {
        const std::lock_guard inner(mutex);
        order.push_back(i);
      });
      fibers.back().parked.wait();
    }
  }
  fibers.clear();
  EXPECT_EQ(order, (std::vector{0, 1, 2, 3, 4}));
  EXPECT_TRUE(is_free(mutex));
}

TEST(Mutex, a_stray_permit_lets_nobody_in) {
  Mutex mutex;
  mutex.lock();
  FakeFiber fiber([&mutex] { const std::lock_guard lock(mutex); });
  fiber.parked.wait();
  fiber.unpark();
  fiber.parked.wait(2);
  EXPECT_EQ(fiber.ended.count(), 0);
  mutex.unlock();
  fiber.ended.wait();
}

TEST(Mutex, a_permit_left_over_from_before_lets_nobody_in) {
  Mutex mutex;
  mutex.lock();
  FakeFiber fiber([&mutex] {
    Flow::current().unpark();
    const std::lock_guard lock(mutex);
  });
  fiber.parked.wait(2);
  EXPECT_EQ(fiber.ended.count(), 0);
  mutex.unlock();
  fiber.ended.wait();
}

// Who is awake may overtake who still has to wake up, but only a few times.
TEST(Mutex, is_handed_over_to_who_was_overtaken_too_often) {
  constexpr int kFarTooOften = 100;
  Mutex mutex;
  Event go("the fiber may go on");
  int resumed = 0;
  mutex.lock();
  FakeFiber fiber([&mutex] { const std::lock_guard lock(mutex); },
                  [&go, &resumed] { go.wait(++resumed); });

  int overtaken = 0;
  fiber.parked.wait();
  mutex.unlock();  // wakes the fiber, which does not come before it is told to
  for (;; ++overtaken) {
    ASSERT_LT(overtaken, kFarTooOften);
    const std::unique_lock overtaker(mutex, std::try_to_lock);
    if (!overtaker.owns_lock()) break;
    go.set();
    fiber.parked.wait(overtaken + 2);  // it found the mutex locked
  }
  EXPECT_GT(overtaken, 0);
  EXPECT_EQ(fiber.ended.count(), 0);
  go.set();
  fiber.ended.wait();
}

TEST(Mutex, who_was_woken_is_not_woken_again_by_each_that_overtakes) {
  Mutex mutex;
  Event go("the fiber may go on");
  mutex.lock();
  FakeFiber fiber([&mutex] { const std::lock_guard lock(mutex); }, [&go] { go.wait(); });
  fiber.parked.wait();
  mutex.unlock();
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(is_free(mutex));
  }
  go.set();
  fiber.ended.wait();
  EXPECT_EQ(fiber.unparked.count(), 1);
}

TEST(Mutex, threads_and_fibers_exclude_each_other) {
  constexpr int kFlows = 3;
  constexpr int kRounds = 2000;
  Mutex mutex;
  int count = 0;
  const auto body = [&mutex, &count] {
    for (int i = 0; i < kRounds; ++i) {
      const std::lock_guard lock(mutex);
      ++count;
    }
  };
  {
    std::list<FakeFiber> fibers;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kFlows; ++i) {
      fibers.emplace_back(body);
      threads.emplace_back(body);
    }
  }
  EXPECT_EQ(count, 2 * kFlows * kRounds);
}

// The sanitizers watch: the one that unlocked before may still be on its way out.
TEST(Mutex, the_last_one_to_unlock_may_destroy_it) {
  struct Shared {
    Mutex mutex;
    int users = 2;
  };
  for (int i = 0; i < 500; ++i) {
    auto* shared = new Shared;
    const auto use = [shared] {
      std::unique_lock lock(shared->mutex);
      const bool last = --shared->users == 0;
      lock.unlock();
      if (last) delete shared;
    };
    std::jthread other(use);
    use();
  }
}

}  // namespace
}  // namespace socketserver
