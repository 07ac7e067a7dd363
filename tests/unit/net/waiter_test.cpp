#include <socketserver/net/waiter.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include <socketserver/net/socket.hpp>

#include "tests/unit/net/socket_pair.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;

TEST(ThreadWaiter, returns_when_there_is_something_to_read) {
  SocketPair pair = SocketPair::local();
  pair.far.sendall("x");
  EXPECT_FALSE(Waiter::thread().wait(pair.near.fileno(), Interest::read, Deadline::never(), true));
}

TEST(ThreadWaiter, returns_when_something_can_be_written) {
  SocketPair pair = SocketPair::local();
  EXPECT_FALSE(Waiter::thread().wait(pair.near.fileno(), Interest::write, Deadline::never(), true));
}

TEST(ThreadWaiter, returns_when_the_peer_is_gone) {
  SocketPair pair = SocketPair::local();
  pair.far.close();
  EXPECT_FALSE(Waiter::thread().wait(pair.near.fileno(), Interest::read, Deadline::never(), true));
}

TEST(ThreadWaiter, returns_at_the_deadline_and_not_before) {
  SocketPair pair = SocketPair::local();
  const auto start = Deadline::Clock::now();
  EXPECT_EQ(Waiter::thread().wait(pair.near.fileno(), Interest::read, Deadline::after(30ms), true),
            std::errc::timed_out);
  EXPECT_GE(Deadline::Clock::now() - start, 30ms);
}

/// A waiter that does as it is told and keeps what it was asked.
class ScriptedWaiter : public Waiter {
 public:
  struct Call {
    Interest interest;
    bool idle;
    bool operator==(const Call&) const = default;
  };

  std::error_code wait(int, Interest interest, Deadline, bool idle) override {
    calls.push_back({interest, idle});
    return on_wait ? on_wait() : std::error_code();
  }
  bool cancelled() const noexcept override { return cut; }

  std::function<std::error_code()> on_wait;
  std::vector<Call> calls;
  bool cut = false;
};

struct WaiterSeam : ::testing::Test {
  WaiterSeam() { pair.near.set_waiter(waiter); }

  IoResult read() { return pair.near.read_some(block, Deadline::never()); }

  ScriptedWaiter waiter;
  SocketPair pair = SocketPair::local();
  std::array<char, 64> block;
};

TEST_F(WaiterSeam, is_not_asked_while_there_is_something_to_do) {
  pair.far.sendall("abc");
  EXPECT_EQ(read().n, 3u);
  pair.near.sendall("answer");
  EXPECT_TRUE(waiter.calls.empty());
}

TEST_F(WaiterSeam, is_asked_when_reading_would_block) {
  waiter.on_wait = [&] {
    pair.far.sendall("x");
    return std::error_code();
  };
  EXPECT_EQ(read().n, 1u);
  EXPECT_EQ(waiter.calls, (std::vector<ScriptedWaiter::Call>{{Interest::read, true}}));
}

TEST_F(WaiterSeam, is_asked_when_writing_would_block) {
  const std::string much(1 << 20, 'x');
  std::size_t received = 0;
  waiter.on_wait = [&] {
    received += pair.far.recv(1 << 20).size();
    return std::error_code();
  };
  pair.near.sendall(much);
  ASSERT_FALSE(waiter.calls.empty());
  EXPECT_EQ(waiter.calls.front(), (ScriptedWaiter::Call{Interest::write, false}));
}

TEST_F(WaiterSeam, its_failure_is_the_operations) {
  waiter.on_wait = [] { return std::make_error_code(std::errc::timed_out); };
  EXPECT_EQ(read().ec, std::errc::timed_out);
}

TEST_F(WaiterSeam, a_flow_is_idle_unless_it_owes_an_answer) {
  pair.far.sendall("request");
  EXPECT_EQ(read().n, 7u);
  waiter.on_wait = [] { return std::make_error_code(std::errc::operation_canceled); };
  EXPECT_EQ(read().ec, std::errc::operation_canceled) << "half-done work is told";
  pair.near.sendall("answer");
  const IoResult end = read();
  EXPECT_EQ(end.n, 0u);
  EXPECT_FALSE(end.ec) << "to an idle flow, stopping looks like the peer's end";
  EXPECT_EQ(waiter.calls,
            (std::vector<ScriptedWaiter::Call>{{Interest::read, false}, {Interest::read, true}}));
}

TEST_F(WaiterSeam, can_cut_a_flow_that_never_needs_to_wait) {
  pair.far.sendall("much");
  EXPECT_EQ(read().n, 4u);
  pair.far.sendall("more");
  waiter.cut = true;
  EXPECT_EQ(read().ec, std::errc::operation_canceled);
  const std::string_view text = "answer";
  EXPECT_EQ(pair.near.write_some({&text, 1}, Deadline::never()).ec, std::errc::operation_canceled);
  EXPECT_EQ(pair.near.send_file_some(0, 0, 1, Deadline::never()).ec, std::errc::operation_canceled);
  EXPECT_TRUE(waiter.calls.empty());
}

TEST_F(WaiterSeam, to_an_idle_flow_even_a_cut_looks_like_the_end) {
  pair.far.sendall("a request that nobody will read");
  waiter.cut = true;
  const IoResult end = read();
  EXPECT_EQ(end.n, 0u);
  EXPECT_FALSE(end.ec);
}

}  // namespace
}  // namespace socketserver
