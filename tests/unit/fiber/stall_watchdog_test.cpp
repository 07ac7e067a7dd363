#include "fiber/stall_watchdog.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "fiber/sanitizer.hpp"
#include "tests/forked.hpp"
#include "tests/unit/fiber/fiber_test.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::Event;

/// A log that keeps the last message. Read it only after `reported` was waited for.
struct Report {
  LogSink sink() {
    return [this](LogLevel level, std::string_view message) {
      EXPECT_EQ(level, LogLevel::warning);
      text = message;
      reported.set();
    };
  }

  Event reported{"a stall is reported"};
  std::string text;
};

/// Has a loop of its own reported, and leaves the watchdog.
void report_a_stall() {
  Report report;
  Scheduler scheduler({.stall_limit = 5ms, .log = report.sink()});
  scheduler.spawn([&] { report.reported.wait(); });
  scheduler.run_until_ready(Deadline::after(0ms));
}

TEST(StallWatchdog, reports_a_loop_that_a_fiber_blocks_once) {
  Report report;
  Scheduler scheduler({.stall_limit = 5ms, .name = "loop 3", .log = report.sink()});
  for (int stall = 1; stall <= 2; ++stall) {
    scheduler.spawn([&] {
      report.reported.wait(stall);
      EXPECT_FALSE(report.reported.wait_for(30ms, stall + 1)) << "reported twice";
    });
    scheduler.run_until_ready(Deadline::after(0ms));
  }
  EXPECT_NE(report.text.find("loop 3"), std::string::npos) << report.text;
}

TEST(StallWatchdog, says_nothing_of_loops_that_turn_or_sleep) {
  Report report;
  Scheduler scheduler({.stall_limit = 1s, .log = report.sink()});
  Scheduler idle({.stall_limit = 5ms, .log = report.sink()});
  idle.run_until_ready(Deadline::after(30ms));
  scheduler.spawn([&] {
    const Deadline until = Deadline::after(30ms);
    while (!until.expired()) scheduler.yield();
  });
  scheduler.run_until_ready(Deadline::after(50ms));
  EXPECT_EQ(report.reported.count(), 0);
}

TEST(StallWatchdog, reports_later_what_could_not_be_reported) {
  Report report;
  bool failed = false;  // of the watchdog's thread alone
  const auto sink = [&failed, reported = report.sink()](LogLevel level, std::string_view message) {
    if (!std::exchange(failed, true)) throw std::bad_alloc();
    reported(level, message);
  };
  Scheduler scheduler({.stall_limit = 5ms, .log = sink});
  scheduler.spawn([&] { report.reported.wait(); });
  scheduler.run_until_ready(Deadline::after(0ms));
}

TEST(StallWatchdog, is_shared_and_ends_with_its_last_user) {
  const auto a = detail::StallWatchdog::shared();
  EXPECT_EQ(a, detail::StallWatchdog::shared());
}

TEST(StallWatchdog, a_scheduler_made_after_fork_has_one_too) {
#if defined(SOCKETSERVER_TSAN)
  GTEST_SKIP() << "ThreadSanitizer cannot start threads in a child of a process with threads";
#endif
  Report report;
  const Scheduler before({.stall_limit = 1h, .log = report.sink()});
  // Its thread is seen at work and waits again: what it held at the fork, the child would miss, and
  // AddressSanitizer holds locks while a thread starts.
  report_a_stall();
  const int status = testing::exit_status_of_fork([] {
    report_a_stall();
    return 7;
  });
  EXPECT_EQ(status, 7);
}

}  // namespace
}  // namespace socketserver
