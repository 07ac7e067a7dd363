#pragma once

#include <gtest/gtest.h>

#include <utility>

#include <socketserver/fiber/scheduler.hpp>
#include <socketserver/testing/wait.hpp>

namespace socketserver {

/// A scheduler whose fibers are run until the last one has ended.
class FiberTest : public ::testing::Test {
 protected:
  template <class F>
  void spawn(F f) {
    scheduler.spawn([this, f = std::move(f)]() mutable {
      f();
      const bool last = scheduler.fibers() == 1;
      if (last) scheduler.notify();
    });
  }

  void run() {
    EXPECT_EQ(scheduler.run_until_ready(Deadline::after(testing::kPatience)), -1);
    EXPECT_EQ(scheduler.fibers(), 0U);
  }

  /// Lets what can go on without further events go on: all, when it is little.
  void run_until_all_wait() {
    EXPECT_EQ(scheduler.run_until_ready(Deadline::after(Duration::zero())), -1);
  }

  Scheduler scheduler;
};

}  // namespace socketserver
