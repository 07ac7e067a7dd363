#include <socketserver/fiber/scheduler.hpp>

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/flow.hpp>

#include "tests/unit/fiber/fiber_test.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;

class SchedulerSpawn : public FiberTest {};

TEST_F(SchedulerSpawn, fibers_start_in_the_order_they_were_spawned) {
  std::string order;
  for (const char name : {'a', 'b', 'c'}) spawn([&order, name] { order += name; });
  EXPECT_EQ(scheduler.fibers(), 3U);
  EXPECT_EQ(order, "") << "nothing runs before the loop does";
  run();
  EXPECT_EQ(order, "abc");
}

TEST_F(SchedulerSpawn, a_fiber_spawned_by_a_fiber_runs_after_those_that_are_ready) {
  std::string order;
  spawn([&] {
    order += 'a';
    spawn([&] { order += 'c'; });
    order += 'A';
  });
  spawn([&] { order += 'b'; });
  run();
  EXPECT_EQ(order, "aAbc");
}

std::atomic<int> signals_handled{0};

TEST_F(SchedulerSpawn, a_signal_is_handled_whatever_becomes_of_the_fiber_that_it_finds) {
  signals_handled = 0;
  struct sigaction before {};
  struct sigaction action {};
  action.sa_handler = [](int) { ++signals_handled; };
  ASSERT_EQ(::sigaction(SIGUSR1, &action, &before), 0);
  std::atomic<bool> at_work{false};
  std::thread sender([&, loop = ::pthread_self()] {
    while (!at_work) continue;
    ::pthread_kill(loop, SIGUSR1);
  });
  spawn([&] {
    at_work = true;
    // Long enough for the signal to come, and without a call or an atomic operation, by which
    // ThreadSanitizer would notice it.
    [[maybe_unused]] volatile int work = 0;
    for (int i = 0; i < 20'000'000; ++i) work = i;
  });
  run();
  sender.join();
  testing::wait_until("the signal is handled", [] { return signals_handled == 1; });
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(SchedulerSpawn, many_generations_use_two_stacks) {
  int generations = 0;
  std::set<Flow*> places;
  std::function<void()> next = [&] {
    places.insert(&Flow::current());  // lies on the stack
    if (++generations < 1000) spawn([&] { next(); });
  };
  spawn([&] { next(); });
  run();
  EXPECT_EQ(generations, 1000);
  EXPECT_EQ(places.size(), 2U);
}

TEST_F(SchedulerSpawn, the_closure_is_destroyed_when_the_fiber_ends) {
  const auto token = std::make_shared<int>(0);
  scheduler.spawn([token] { EXPECT_GE(token.use_count(), 2); });
  run_until_all_wait();
  EXPECT_EQ(token.use_count(), 1);
}

TEST_F(SchedulerSpawn, a_closure_may_be_moved_only_and_need_alignment) {
  struct alignas(64) Aligned {
    char data[64];
  };
  scheduler.spawn([unique = std::make_unique<int>(7), aligned = Aligned{}] {
    EXPECT_EQ(*unique, 7);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&aligned) % 64, 0U);
  });
  run_until_all_wait();
}

TEST_F(SchedulerSpawn, a_closure_that_cannot_be_copied_starts_no_fiber) {
  struct Stubborn {
    Stubborn() = default;
    Stubborn(const Stubborn&) { throw std::runtime_error("no copies"); }
    void operator()() const {}
  };
  const Stubborn stubborn;
  EXPECT_THROW(scheduler.spawn(stubborn), std::runtime_error);
  EXPECT_EQ(scheduler.fibers(), 0U);
  spawn([] {});
  run();
}

TEST_F(SchedulerSpawn, is_for_the_thread_of_the_loop) {
  spawn([] {});
  std::thread([&] {
    EXPECT_THROW(scheduler.spawn([] {}), std::logic_error);
    EXPECT_THROW(scheduler.run_until_ready(Deadline::never()), std::logic_error);
  }).join();
  run();
  // Without fibers the loop may be somebody else's.
  std::thread([&] {
    spawn([] {});
    run();
  }).join();
}

TEST(SchedulerSpawnDeathTest, an_exception_that_leaves_a_fiber_ends_the_process) {
  EXPECT_DEATH(
      {
        Scheduler scheduler;
        scheduler.spawn([] { throw std::runtime_error("who will catch me"); });
        scheduler.run_until_ready(Deadline::never());
      },
      "");
}

TEST(SchedulerOptions, a_stack_must_have_room_for_something) {
  EXPECT_THROW(Scheduler({.stack_size = 4096}), std::invalid_argument);
}

class SchedulerYield : public FiberTest {};

TEST_F(SchedulerYield, fibers_take_turns) {
  std::string order;
  for (const char name : {'a', 'b'}) {
    spawn([this, &order, name] {
      for (int i = 0; i < 3; ++i) {
        order += name;
        scheduler.yield();
      }
    });
  }
  run();
  EXPECT_EQ(order, "ababab");
}

TEST_F(SchedulerYield, a_fiber_that_only_yields_starves_neither_deadlines_nor_posts) {
  bool posted = false;
  bool slept = false;
  spawn([&] {
    while (!posted || !slept) scheduler.yield();
  });
  spawn([&] {
    EXPECT_FALSE(Flow::current().park(Deadline::after(5ms)));
    slept = true;
  });
  std::thread other([&] { scheduler.post([&] { posted = true; }); });
  run();
  other.join();
}

TEST_F(SchedulerYield, is_for_fibers) {
  EXPECT_THROW(scheduler.yield(), std::logic_error);
  EXPECT_THROW(scheduler.wait(0, Interest::read, Deadline::never(), true), std::logic_error);
}

class SchedulerSwitch : public FiberTest {};

TEST_F(SchedulerSwitch, each_fiber_has_its_own_errno) {
  for (const int number : {EINTR, EPIPE, ENOENT}) {
    spawn([this, number] {
      EXPECT_EQ(errno, 0);
      errno = number;
      scheduler.yield();
      EXPECT_EQ(errno, number);
    });
  }
  errno = EDOM;
  run();
}

TEST_F(SchedulerSwitch, the_current_flow_is_the_fiber_that_runs) {
  Flow* const thread = &Flow::current();
  std::array<Flow*, 2> fibers{};
  for (Flow*& own : fibers) {
    spawn([&] {
      own = &Flow::current();
      EXPECT_FALSE(own->is_thread());
      scheduler.yield();
      EXPECT_EQ(&Flow::current(), own);
    });
  }
  scheduler.post([&] { EXPECT_EQ(&Flow::current(), thread); });
  run();
  EXPECT_NE(fibers[0], fibers[1]);
  EXPECT_EQ(&Flow::current(), thread);
}

TEST_F(SchedulerSwitch, a_fiber_may_be_left_inside_a_catch_block) {
  for (const char* name : {"one", "two", "three"}) {
    spawn([this, name] {
      EXPECT_EQ(std::current_exception(), nullptr);
      try {
        throw std::runtime_error(name);
      } catch (const std::exception&) {
        scheduler.yield();
        try {
          scheduler.yield();
          throw;  // the one that is being handled here, not in the fiber that ran last
        } catch (const std::runtime_error& error) {
          EXPECT_STREQ(error.what(), name);
          scheduler.yield();
        }
      }
      EXPECT_EQ(std::current_exception(), nullptr);
    });
  }
  run();
}

TEST_F(SchedulerSwitch, a_fiber_may_be_left_while_an_exception_unwinds_its_stack) {
  struct Yielder {
    Scheduler& scheduler;
    int before = std::uncaught_exceptions();
    ~Yielder() {
      EXPECT_EQ(std::uncaught_exceptions(), before + 1);
      scheduler.yield();
      EXPECT_EQ(std::uncaught_exceptions(), before + 1);
    }
  };
  for (int i = 0; i < 3; ++i) {
    spawn([this] {
      EXPECT_EQ(std::uncaught_exceptions(), 0);
      EXPECT_THROW(
          {
            const Yielder yielder{scheduler};
            throw std::runtime_error("unwinding");
          },
          std::runtime_error);
    });
  }
  run();
}

TEST_F(SchedulerSwitch, the_loop_may_be_run_inside_a_catch_block) {
  try {
    throw std::runtime_error("outside");
  } catch (const std::exception&) {
    spawn([] { EXPECT_EQ(std::current_exception(), nullptr); });
    run();
    EXPECT_NE(std::current_exception(), nullptr);
  }
}

class SchedulerLoop : public FiberTest {};

TEST_F(SchedulerLoop, posted_functions_run_in_order_on_its_thread) {
  std::string order;
  const auto self = std::this_thread::get_id();
  std::thread other([&] {
    for (const char name : {'a', 'b', 'c'}) {
      scheduler.post([&order, name, self] {
        EXPECT_EQ(std::this_thread::get_id(), self);
        order += name;
      });
    }
    scheduler.post([&] { spawn([&] { order += 'd'; }); });
  });
  run();
  other.join();
  EXPECT_EQ(order, "abcd");
}

TEST_F(SchedulerLoop, many_threads_post) {
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  int count = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < kEach; ++j) {
        scheduler.post([&] {
          if (++count == kThreads * kEach) scheduler.notify();
        });
      }
    });
  }
  run();
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(count, kThreads * kEach);
}

TEST_F(SchedulerLoop, a_posted_function_may_post) {
  scheduler.post([&] { scheduler.post([&] { scheduler.notify(); }); });
  run();
}

TEST_F(SchedulerLoop, notify_ends_one_run) {
  scheduler.notify();
  scheduler.notify();
  EXPECT_EQ(scheduler.run_until_ready(Deadline::never()), -1);
  const auto start = Deadline::Clock::now();
  EXPECT_EQ(scheduler.run_until_ready(Deadline::after(10ms)), -1);
  EXPECT_GE(Deadline::Clock::now() - start, 10ms);
}

TEST_F(SchedulerLoop, notify_wakes_it_from_another_thread) {
  testing::Event done("the loop returned");
  std::thread other([&] {
    while (!done.wait_for(1ms)) scheduler.notify();
  });
  EXPECT_EQ(scheduler.run_until_ready(Deadline::never()), -1);
  done.set();
  other.join();
}

TEST_F(SchedulerLoop, cannot_be_run_inside_itself) {
  spawn([&] { EXPECT_THROW(scheduler.run_until_ready(Deadline::never()), std::logic_error); });
  scheduler.post(
      [&] { EXPECT_THROW(scheduler.run_until_ready(Deadline::never()), std::logic_error); });
  run();
}

TEST_F(SchedulerLoop, a_fiber_may_run_another_scheduler) {
  spawn([&] {
    Flow* const self = &Flow::current();
    Scheduler inner;
    inner.spawn([&] {
      inner.yield();
      inner.notify();
    });
    EXPECT_EQ(inner.run_until_ready(Deadline::never()), -1);
    EXPECT_EQ(&Flow::current(), self);
  });
  run();
}

TEST(SchedulerDestructor, runs_fibers_to_their_end) {
  int ended = 0;
  {
    Scheduler scheduler;
    for (int i = 0; i < 200; ++i) {
      scheduler.spawn([&] {
        scheduler.yield();
        ++ended;
      });
    }
  }
  EXPECT_EQ(ended, 200);
}

TEST(SchedulerDestructor, destroys_what_was_posted_and_did_not_run) {
  const auto token = std::make_shared<int>(0);
  {
    Scheduler scheduler;
    scheduler.post([token] { FAIL(); });
  }
  EXPECT_EQ(token.use_count(), 1);
}

}  // namespace
}  // namespace socketserver
