#include <gtest/gtest.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <socketserver/base/flow.hpp>
#include <socketserver/base/unique_fd.hpp>

#include "fiber/sanitizer.hpp"
#include "tests/unit/fiber/fiber_test.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;

#if defined(SOCKETSERVER_ASAN) || defined(SOCKETSERVER_TSAN)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0;
  std::size_t resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

class FiberFootprint : public FiberTest {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "sanitizers have a footprint of their own";
  }

  void wake_all() {
    for (Flow* const flow : flows) flow->unpark();
  }

  std::vector<Flow*> flows;
};

TEST_F(FiberFootprint, a_parked_fiber_costs_little_more_than_a_page) {
  constexpr std::size_t kFibers = 10'000;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < kFibers + 100) GTEST_SKIP() << "too few descriptors are allowed";

  // Each waits for a descriptor of its own, with a deadline: what a connection does.
  std::vector<UniqueFd> events;
  events.reserve(kFibers);
  for (std::size_t i = 0; i < kFibers; ++i) events.emplace_back(::eventfd(0, EFD_CLOEXEC));
  std::size_t parked = 0;
  const std::size_t before = resident_bytes();
  for (const UniqueFd& event : events) {
    spawn([this, &parked, fd = event.get()] {
      ++parked;
      EXPECT_EQ(scheduler.wait(fd, Interest::read, Deadline::after(1h), true),
                std::errc::operation_canceled);
    });
  }
  while (parked < kFibers) run_until_all_wait();
  const std::size_t each = (resident_bytes() - before) / kFibers;
  RecordProperty("bytes_per_fiber", static_cast<int>(each));
  EXPECT_LE(each, 4608U);

  scheduler.cancel_waits(true);
  run();
}

TEST_F(FiberFootprint, a_hundred_thousand_fibers_are_possible) {
  constexpr std::size_t kFibers = 100'000;
  std::string limit;
  try {
    for (std::size_t i = 0; i < kFibers; ++i) {
      spawn([this] {
        flows.push_back(&Flow::current());
        EXPECT_TRUE(Flow::current().park(Deadline::never()));
      });
    }
  } catch (const std::system_error& error) {
    // Without MADV_GUARD_INSTALL the kernel's limit of mappings is in the way.
    std::ifstream release("/proc/sys/kernel/osrelease");
    int major = 0;
    char dot = 0;
    int minor = 0;
    release >> major >> dot >> minor;
    if (std::pair(major, minor) >= std::pair(6, 13)) FAIL() << error.what();
    limit = error.what();
  }
  while (flows.size() < scheduler.fibers()) run_until_all_wait();
  wake_all();
  run();
  if (!limit.empty()) GTEST_SKIP() << "fewer on this kernel: " << limit;
}

TEST_F(FiberFootprint, memory_goes_back_when_a_burst_is_over) {
  constexpr std::size_t kFibers = 2'000;
  const std::size_t before = resident_bytes();
  for (std::size_t i = 0; i < kFibers; ++i) {
    spawn([this] {
      volatile char deep[64 * 1024];
      for (std::size_t at = 0; at < sizeof deep; at += 1024) deep[at] = 1;
      flows.push_back(&Flow::current());
      EXPECT_TRUE(Flow::current().park(Deadline::never()));
    });
  }
  while (flows.size() < kFibers) run_until_all_wait();
  EXPECT_GE(resident_bytes() - before, kFibers * 64 * 1024);
  wake_all();
  run();
  // It is looked for every second; nothing else is to be done.
  const Deadline patience = Deadline::after(testing::kPatience);
  while (resident_bytes() - before > std::size_t{16} * 1024 * 1024 && !patience.expired()) {
    EXPECT_EQ(scheduler.run_until_ready(Deadline::after(100ms)), -1);
  }
  EXPECT_FALSE(patience.expired());
}

TEST(FiberDescriptors, none_is_left_open) {
  const auto count = [] {
    const std::filesystem::directory_iterator open("/proc/self/fd");
    return std::distance(begin(open), end(open));
  };
  const auto before = count();
  {
    Scheduler scheduler;
    EXPECT_EQ(count(), before + 2);
  }
  EXPECT_EQ(count(), before);
}

// Called through a variable, lest a compiler turn the recursion into a loop.
int overflow(int depth);
int (*volatile call_overflow)(int) = overflow;

int overflow(int depth) {
  return depth == 0 ? 0 : call_overflow(depth - 1) + 1;
}

TEST(FiberDeathTest, a_stack_that_overflows_ends_the_process) {
  const auto overflow_in_fiber = [] {
    Scheduler scheduler({.stack_size = std::size_t{64} * 1024});
    scheduler.spawn([] { overflow(1'000'000); });
    scheduler.run_until_ready(Deadline::after(0ms));
    ::_exit(0);
  };
  if (kSanitized) {
    EXPECT_DEATH(overflow_in_fiber(), "");
  } else {
    EXPECT_EXIT(overflow_in_fiber(), ::testing::KilledBySignal(SIGSEGV), "");
  }
}

}  // namespace
}  // namespace socketserver
