// Waiting for a descriptor without a fiber.

#include <optional>
#include <stdexcept>
#include <string_view>

#include <socketserver/net/socket.hpp>

#include "fiber_test.hpp"
#include "tests/unit/net/socket_pair.hpp"

namespace socketserver {
namespace {

struct Sleeper final : Scheduler::Sleeper {
  void wake(Reason why) noexcept override { reason = why; }
  std::optional<Reason> reason;
};
using Reason = Scheduler::Sleeper::Reason;

class Sleep : public FiberTest {
 protected:
  ~Sleep() override { scheduler.forget(fd()); }
  int fd() const { return pair.near.fileno(); }

  SocketPair pair = SocketPair::local();
  Sleeper sleeper;
};

TEST_F(Sleep, ends_with_the_first_bytes) {
  ASSERT_TRUE(scheduler.sleep(fd(), sleeper));
  run_until_all_wait();
  EXPECT_EQ(sleeper.reason, std::nullopt);
  pair.far.sendall("x");
  run_until_all_wait();
  EXPECT_EQ(sleeper.reason, Reason::readable);
}

TEST_F(Sleep, does_not_begin_when_bytes_came_while_nobody_waited) {
  ASSERT_TRUE(scheduler.sleep(fd(), sleeper));
  pair.far.sendall("x");
  run_until_all_wait();
  pair.far.sendall("y");
  run_until_all_wait();
  EXPECT_FALSE(scheduler.sleep(fd(), sleeper)) << "the edge has been and comes no more";
  EXPECT_TRUE(scheduler.sleep(fd(), sleeper));
}

TEST_F(Sleep, tells_the_end_of_the_stream) {
  ASSERT_TRUE(scheduler.sleep(fd(), sleeper));
  pair.far.close();
  run_until_all_wait();
  EXPECT_EQ(sleeper.reason, Reason::ended);
}

TEST_F(Sleep, is_cancelled_as_idle) {
  ASSERT_TRUE(scheduler.sleep(fd(), sleeper));
  scheduler.cancel_waits(true);
  EXPECT_EQ(sleeper.reason, Reason::cancelled);
}

TEST_F(Sleep, is_forgotten_in_silence) {
  ASSERT_TRUE(scheduler.sleep(fd(), sleeper));
  scheduler.forget(fd());
  pair.far.sendall("x");
  run_until_all_wait();
  EXPECT_EQ(sleeper.reason, std::nullopt);
}

TEST_F(Sleep, is_for_one) {
  Sleeper second;
  ASSERT_TRUE(scheduler.sleep(fd(), sleeper));
  EXPECT_THROW(scheduler.sleep(fd(), second), std::logic_error);
}

TEST(SleepAtTheEnd, is_cancelled_with_the_scheduler) {
  const SocketPair pair = SocketPair::local();
  Sleeper sleeper;
  {
    Scheduler scheduler;
    ASSERT_TRUE(scheduler.sleep(pair.near.fileno(), sleeper));
  }
  EXPECT_EQ(sleeper.reason, Reason::cancelled);
}

}  // namespace
}  // namespace socketserver
