// Calls that go wrong again and again without anything being lost, and clocks that jump.

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "tests/faults/suite.hpp"

namespace socketserver::faults {
namespace {

using Storms = Faults;

// Those that wait, or may. Of the others the kernel never says it.
const Calls kInterruptible = {Call::accept4, Call::epoll_wait, Call::open,     Call::openat,
                              Call::poll,    Call::pread,      Call::recv,     Call::recvfrom,
                              Call::recvmsg, Call::send,       Call::sendfile, Call::sendmsg,
                              Call::sendto,  Call::waitid,     Call::writev};

TEST_P(Storms, every_call_is_interrupted_now_and_then) {
  for (const unsigned every : {2U, 3U, 7U}) {
    for (unsigned first = 1; first <= 2; ++first) {
      expect_survival({.calls = kInterruptible, .error = EINTR, .first = first, .every = every}, 0);
    }
  }
}

TEST_P(Storms, reads_and_writes_are_short) {
  const Calls writes = {Call::send, Call::sendmsg, Call::sendfile, Call::pread};
  const Calls both = {Call::recv, Call::send, Call::sendmsg, Call::sendfile, Call::pread};
  const Calls& moving = GetParam().reads_may_be_short() ? both : writes;
  for (const std::size_t most : {1UL, 7UL, 1000UL}) {
    expect_survival({.calls = moving, .most = most}, 0);
  }
}

TEST_P(Storms, clocks_jump) {
  constexpr std::int64_t kDay = std::chrono::nanoseconds(std::chrono::hours(24)).count();
  struct Jump {
    std::int64_t wall_clock;
    std::int64_t steady_clock;
  };
  // The steady one only forward, as when a virtual machine was stopped for a while.
  for (const Jump jump : {Jump{kDay, 0}, Jump{-kDay, 0}, Jump{0, kDay}}) {
    Trial trial(GetParam(), {}, directory());
    ASSERT_TRUE(trial.wait_until_serving());
    EXPECT_EQ(ask_until_answered(trial), "");
    trial.course().wall_clock = jump.wall_clock;
    trial.course().steady_clock = jump.steady_clock;
    const Experience experience = visit(trial);
    EXPECT_EQ(experience.problem, "");
    EXPECT_EQ(experience.harmed, 0);
    EXPECT_EQ(trial.end(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(, Storms, ::testing::ValuesIn(all_cells()), name_of_cell);

}  // namespace
}  // namespace socketserver::faults
