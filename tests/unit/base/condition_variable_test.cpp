#include <socketserver/base/condition_variable.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <list>
#include <stdexcept>
#include <thread>
#include <vector>

#include <socketserver/testing/wait.hpp>

#include "tests/unit/base/fake_fiber.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::FakeFiber;
using testing::kPatience;

class ConditionVariableTest : public ::testing::Test {
 protected:
  // Starts fibers that wait once each and then note their number; all of them wait on return.
  void start(int fibers) {
    for (int i = 0; i < fibers; ++i) {
      fibers_.emplace_back([this, i] {
        std::unique_lock lock(mutex_);
        changed_.wait(lock);
        EXPECT_TRUE(lock.owns_lock());
        order_.push_back(i);
      });
      fibers_.back().parked.wait();
    }
  }

  Mutex mutex_;
  ConditionVariable changed_;
  std::vector<int> order_;  // guarded by mutex_
  std::list<FakeFiber> fibers_;
};

TEST_F(ConditionVariableTest, notify_one_ends_the_longest_wait) {
  start(3);
  for (FakeFiber& fiber : fibers_) {
    EXPECT_EQ(fiber.ended.count(), 0);
    changed_.notify_one();
    fiber.ended.wait();
  }
  EXPECT_EQ(order_, (std::vector{0, 1, 2}));
}

TEST_F(ConditionVariableTest, notify_all_ends_every_wait) {
  start(3);
  changed_.notify_all();
  fibers_.clear();
  EXPECT_EQ(order_.size(), 3U);
}

TEST_F(ConditionVariableTest, a_notification_for_nobody_is_not_kept) {
  changed_.notify_one();
  changed_.notify_all();
  std::unique_lock lock(mutex_);
  EXPECT_EQ(changed_.wait_for(lock, 0s), std::cv_status::timeout);
}

TEST_F(ConditionVariableTest, the_mutex_is_free_while_one_waits) {
  start(1);
  const std::unique_lock lock(mutex_, std::try_to_lock);
  EXPECT_TRUE(lock.owns_lock());
  changed_.notify_one();
}

TEST_F(ConditionVariableTest, a_stray_permit_ends_no_wait) {
  start(1);
  fibers_.front().unpark();
  fibers_.front().parked.wait(2);
  EXPECT_EQ(fibers_.front().ended.count(), 0);
  changed_.notify_one();
}

TEST_F(ConditionVariableTest, a_wait_ends_at_its_deadline_with_the_mutex_locked) {
  const Deadline deadline = Deadline::after(5ms);
  std::unique_lock lock(mutex_);
  EXPECT_EQ(changed_.wait_until(lock, deadline), std::cv_status::timeout);
  EXPECT_TRUE(deadline.expired());
  EXPECT_TRUE(lock.owns_lock());
  EXPECT_FALSE(mutex_.try_lock());
}

TEST_F(ConditionVariableTest, a_wait_that_timed_out_takes_no_notification_from_others) {
  {
    std::unique_lock lock(mutex_);
    EXPECT_EQ(changed_.wait_for(lock, 1ms), std::cv_status::timeout);
  }
  start(1);
  changed_.notify_one();
  fibers_.front().ended.wait();
}

TEST_F(ConditionVariableTest, one_in_the_middle_may_time_out) {
  start(1);
  FakeFiber middle([this] {
    std::unique_lock lock(mutex_);
    EXPECT_EQ(changed_.wait_for(lock, 50ms), std::cv_status::timeout);
  });
  middle.parked.wait();
  start(1);
  middle.ended.wait();
  const int unparked = middle.unparked.count();
  changed_.notify_all();
  for (FakeFiber& fiber : fibers_) fiber.ended.wait();
  EXPECT_EQ(middle.unparked.count(), unparked);
}

TEST_F(ConditionVariableTest, a_predicate_is_asked_under_the_mutex_before_and_after_waits) {
  int asked = 0;
  FakeFiber fiber([this, &asked] {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, &asked] {
      EXPECT_FALSE(mutex_.try_lock());
      return ++asked == 3;
    });
  });
  fiber.parked.wait();
  changed_.notify_one();
  fiber.parked.wait(2);
  changed_.notify_one();
  fiber.ended.wait();
  EXPECT_EQ(asked, 3);
}

TEST_F(ConditionVariableTest, a_predicate_that_holds_needs_no_notification) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [] { return true; });
  EXPECT_TRUE(changed_.wait_for(lock, 0s, [] { return true; }));
}

TEST_F(ConditionVariableTest, what_the_predicate_says_last_is_the_result) {
  std::unique_lock lock(mutex_);
  EXPECT_FALSE(changed_.wait_for(lock, 1ms, [] { return false; }));
  int asked = 0;
  EXPECT_TRUE(changed_.wait_until(lock, Deadline::after(1ms), [&asked] { return ++asked == 2; }));
}

TEST_F(ConditionVariableTest, a_wait_needs_a_lock_that_owns_the_mutex) {
  std::unique_lock lock(mutex_, std::defer_lock);
  EXPECT_THROW(changed_.wait(lock), std::logic_error);
  start(1);  // the failed wait is on no list
  changed_.notify_one();
  fibers_.front().ended.wait();
}

TEST_F(ConditionVariableTest, threads_and_fibers_feed_each_other) {
  constexpr int kItems = 1000;
  std::deque<int> queue;
  std::atomic<int> sum = 0;
  const auto produce = [this, &queue] {
    for (int i = 1; i <= kItems; ++i) {
      const std::lock_guard lock(mutex_);
      queue.push_back(i);
      changed_.notify_one();
    }
  };
  const auto consume = [this, &queue, &sum] {
    for (int i = 0; i < kItems; ++i) {
      std::unique_lock lock(mutex_);
      ASSERT_TRUE(changed_.wait_for(lock, kPatience, [&queue] { return !queue.empty(); }));
      sum += queue.front();
      queue.pop_front();
    }
  };
  {
    FakeFiber fiber_in(produce);
    FakeFiber fiber_out(consume);
    std::jthread thread_in(produce);
    std::jthread thread_out(consume);
  }
  EXPECT_EQ(sum, kItems * (kItems + 1));
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace socketserver
