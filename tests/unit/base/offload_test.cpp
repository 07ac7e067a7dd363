#include <socketserver/base/offload.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <list>
#include <memory>
#include <stdexcept>
#include <thread>

#include <socketserver/testing/wait.hpp>

#include "base/sanitizers.hpp"
#include "tests/forked.hpp"
#include "tests/processes.hpp"
#include "tests/unit/base/fake_fiber.hpp"

namespace socketserver {
namespace {

using testing::Event;
using testing::FakeFiber;

/// Whether all threads wait but the one that asks.
bool others_wait() {
  const auto threads = testing::threads_of(::getpid());
  return std::ranges::count_if(
             threads, [](const auto& thread) { return testing::state_of(thread) != 'S'; }) == 1;
}

TEST(Offload, on_a_thread_is_a_plain_call) {
  EXPECT_EQ(offload([] { return std::this_thread::get_id(); }), std::this_thread::get_id());
  EXPECT_THROW(offload([] { throw std::runtime_error("no"); }), std::runtime_error);
}

TEST(Offload, on_a_fiber_runs_on_another_thread_while_the_fiber_parks) {
  FakeFiber fiber([] {
    const auto here = std::this_thread::get_id();
    EXPECT_NE(offload([] { return std::this_thread::get_id(); }), here);
    EXPECT_TRUE(offload([] { return Flow::current().is_thread(); }));
    EXPECT_FALSE(Flow::current().is_thread());
  });
  fiber.ended.wait();
  EXPECT_GE(fiber.parked.count(), 2);
}

TEST(Offload, gives_back_whatever_the_function_returns) {
  FakeFiber fiber([] {
    int value = 1;
    offload([&value] { value = 2; });
    EXPECT_EQ(value, 2);
    EXPECT_EQ(&offload([&value]() -> int& { return value; }), &value);
    EXPECT_EQ(*offload([] { return std::make_unique<int>(3); }), 3);
    EXPECT_EQ(offload([moved = std::make_unique<int>(4)] { return *moved; }), 4);
  });
}

TEST(Offload, rethrows_the_exception) {
  FakeFiber fiber([] {
    try {
      offload([]() -> int { throw std::runtime_error("the look-up failed"); });
      ADD_FAILURE() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "the look-up failed");
    }
  });
}

TEST(Offload, inside_an_offloaded_function_is_a_plain_call) {
  FakeFiber fiber([] {
    offload([] {
      EXPECT_EQ(offload([] { return std::this_thread::get_id(); }), std::this_thread::get_id());
    });
  });
}

TEST(Offload, a_stray_permit_does_not_end_it) {
  Event go("the function may return");
  FakeFiber fiber([&go] {
    EXPECT_EQ(offload([&go] {
                go.wait();
                return 5;
              }),
              5);
  });
  fiber.parked.wait();
  fiber.unpark();
  fiber.parked.wait(2);
  EXPECT_EQ(fiber.ended.count(), 0);
  go.set();
}

TEST(Offload, several_block_at_a_time) {
  constexpr int kFibers = 8;
  Event all("every function is called");
  std::list<FakeFiber> fibers;
  for (int i = 0; i < kFibers; ++i) {
    fibers.emplace_back([&all] {
      offload([&all] {
        all.set();
        all.wait(kFibers);
      });
    });
  }
}

TEST(Offload, a_forked_child_has_helper_threads_of_its_own) {
#if defined(SOCKETSERVER_TSAN)
  GTEST_SKIP() << "ThreadSanitizer cannot start threads in a child of a process with threads";
#endif
  FakeFiber([] { offload([] {}); });
  // One that is idle would be expected to take the child's job.
  testing::wait_until("the helper thread is idle", others_wait);
  const int status = testing::exit_status_of_fork([] {
    int answer = 0;
    FakeFiber([&answer] { answer = offload([] { return 7; }); });
    return answer;
  });
  EXPECT_EQ(status, 7);
}

TEST(OffloadDeathTest, exit_in_an_offloaded_function_does_not_hang) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto exit_on_a_helper = [] { FakeFiber([] { offload([] { std::exit(3); }); }); };
  EXPECT_EXIT(exit_on_a_helper(), ::testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace socketserver
