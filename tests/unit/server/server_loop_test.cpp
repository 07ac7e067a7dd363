#include "server/server_loop.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "tests/unit/net/socket_pair.hpp"

namespace socketserver::detail {
namespace {

using namespace std::chrono_literals;

constexpr Duration kGrace = 50ms;

struct ServerLoopTest : ::testing::Test {
  std::error_code wait(bool idle, Deadline deadline = Deadline::never()) {
    return loop.wait(pair.near.fileno(), Interest::read, deadline, idle);
  }

  ServerLoop loop{kGrace};
  SocketPair pair = SocketPair::local();
};

TEST_F(ServerLoopTest, is_entered_once_at_a_time) {
  EXPECT_TRUE(loop.enter());
  EXPECT_THROW(loop.enter(), std::logic_error);
  loop.ask_stop(0);
  EXPECT_THROW(loop.enter(), std::logic_error);
  loop.leave();
  EXPECT_THROW(loop.enter(), std::logic_error) << "until its requests have ended";
  loop.reset();
  EXPECT_TRUE(loop.enter());
}

TEST_F(ServerLoopTest, who_loses_leaves_the_loop_to_who_has_it) {
  for (int i = 0; i < 500; ++i) {
    std::atomic<int> entered{0};
    std::barrier start(2);
    std::barrier both(2);
    const auto race = [&] {
      start.arrive_and_wait();
      bool won = true;
      try {
        loop.enter();
      } catch (const std::logic_error&) {
        won = false;
      }
      both.arrive_and_wait();
      if (!won) return;
      ++entered;
      loop.ask_stop_and_wait();  // would wait for ever, were it not for its own thread
      loop.leave();
      loop.reset();
    };
    std::jthread one(race);
    std::jthread other(race);
    one.join();
    other.join();
    ASSERT_EQ(entered, 1);
  }
}

TEST_F(ServerLoopTest, a_stop_before_the_first_loop_is_remembered_once) {
  loop.ask_stop(0);
  EXPECT_TRUE(loop.stop_asked());
  EXPECT_FALSE(loop.enter());
  loop.reset();
  EXPECT_FALSE(loop.stop_asked());
  EXPECT_TRUE(loop.enter());
}

TEST_F(ServerLoopTest, a_stop_after_a_loop_does_nothing) {
  EXPECT_TRUE(loop.enter());
  loop.leave();
  loop.ask_stop_and_wait();
  loop.reset();
  loop.ask_stop_and_wait();
  EXPECT_FALSE(loop.stop_asked());
  EXPECT_TRUE(loop.enter());
  EXPECT_FALSE(loop.stop_asked());
}

TEST_F(ServerLoopTest, remembers_which_signal_asked) {
  EXPECT_TRUE(loop.enter());
  loop.ask_stop(15);
  EXPECT_EQ(loop.stop_signal(), 15);
  loop.leave();
  loop.reset();
  EXPECT_EQ(loop.stop_signal(), 0);
}

TEST_F(ServerLoopTest, a_stop_does_not_wait_on_the_loops_own_thread) {
  EXPECT_TRUE(loop.enter());
  loop.ask_stop_and_wait();
  EXPECT_TRUE(loop.stop_asked());
}

TEST_F(ServerLoopTest, a_stop_ends_the_wait_for_requests) {
  EXPECT_TRUE(loop.enter());
  std::jthread other([&] { loop.ask_stop(0); });
  EXPECT_FALSE(loop.wait_ready(pair.near.fileno(), true, Deadline::never()));
  EXPECT_TRUE(loop.stop_asked());
  EXPECT_FALSE(loop.wait_ready(pair.near.fileno(), false, Deadline::after(1ms)));
}

TEST_F(ServerLoopTest, waking_ends_one_wait) {
  loop.wake();
  EXPECT_FALSE(loop.wait_ready(pair.near.fileno(), false, Deadline::never()));
  const auto start = Deadline::Clock::now();
  EXPECT_FALSE(loop.wait_ready(-1, false, Deadline::after(10ms)));
  EXPECT_GE(Deadline::Clock::now() - start, 10ms);
}

TEST_F(ServerLoopTest, says_when_the_descriptor_is_ready) {
  pair.far.sendall("x");
  EXPECT_TRUE(loop.wait_ready(pair.near.fileno(), false, Deadline::never()));
  EXPECT_TRUE(loop.wait_ready(pair.near.fileno(), true, Deadline::never()));
}

TEST_F(ServerLoopTest, waits_of_connections_keep_their_deadline) {
  EXPECT_EQ(wait(true, Deadline::after(1ms)), std::errc::timed_out);
  loop.begin_stop();
  EXPECT_EQ(wait(false, Deadline::after(1ms)), std::errc::timed_out) << "shorter than the grace";
}

TEST_F(ServerLoopTest, a_stop_cancels_idle_waits_at_once_and_others_after_the_grace) {
  const auto start = Deadline::Clock::now();
  loop.begin_stop();
  EXPECT_EQ(wait(true), std::errc::operation_canceled);
  EXPECT_FALSE(loop.cancelled());
  EXPECT_EQ(wait(false), std::errc::operation_canceled);
  EXPECT_GE(Deadline::Clock::now() - start, kGrace);
  EXPECT_TRUE(loop.cancelled());
  loop.reset();
  EXPECT_FALSE(loop.cancelled());
}

TEST_F(ServerLoopTest, what_is_ready_is_not_cancelled_within_the_grace) {
  loop.begin_stop();
  pair.far.sendall("x");
  EXPECT_FALSE(wait(true));
  EXPECT_FALSE(wait(false));
}

TEST_F(ServerLoopTest, force_ends_the_grace) {
  ServerLoop patient(24h);
  std::jthread other([&] { patient.force(); });
  EXPECT_EQ(patient.wait(pair.near.fileno(), Interest::read, Deadline::never(), false),
            std::errc::operation_canceled);
  other.join();
  EXPECT_TRUE(patient.cancelled());
}

TEST_F(ServerLoopTest, a_grace_without_end_is_none) {
  ServerLoop patient(Duration::max());
  patient.begin_stop();
  EXPECT_TRUE(patient.stop_deadline().is_never());
  EXPECT_FALSE(patient.cancelled());
}

TEST_F(ServerLoopTest, a_stop_that_races_with_the_end_never_touches_the_next_loop) {
  for (int round = 0; round < 500; ++round) {
    ASSERT_TRUE(loop.enter());
    ASSERT_FALSE(loop.stop_asked()) << "round " << round;
    std::jthread first([&] { loop.ask_stop_and_wait(); });
    std::jthread second([&] { loop.ask_stop_and_wait(); });
    // Not by its event: the phase says so earlier, when the one who asks is still busy asking.
    while (!loop.stop_asked()) std::this_thread::yield();
    loop.leave();
    loop.reset();
    first.join();
    second.join();
    ASSERT_FALSE(loop.stop_asked()) << "round " << round;
  }
}

}  // namespace
}  // namespace socketserver::detail
