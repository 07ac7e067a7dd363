#include "rate_limit.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

using namespace std::chrono_literals;

/// A clock that goes when it is told to, and a limit that looks at it.
class Limited {
 public:
  explicit Limited(Rate rate, std::size_t most_clients = 1024) : limit_(rate, most_clients) {}

  Duration ask(const Address& client) { return limit_.count(client, now_); }
  Duration ask(const char* host) { return ask(Address(host, 1)); }
  void pass(Duration span) { now_ += span; }

 private:
  RateLimit limit_;
  RateLimit::Time now_{1h};
};

TEST(Rate, spans_and_bursts) {
  EXPECT_EQ(parse_rate("--x", "1/s").interval, 1s);
  EXPECT_EQ(parse_rate("--x", "1/s").burst, 1);
  EXPECT_EQ(parse_rate("--x", "10/s").interval, 100ms);
  EXPECT_EQ(parse_rate("--x", "10/s").burst, 10);
  EXPECT_EQ(parse_rate("--x", "600/m").interval, 100ms);
  EXPECT_EQ(parse_rate("--x", "600/m").burst, 600);
  EXPECT_EQ(parse_rate("--x", "2/h").interval, 30min);
  EXPECT_EQ(parse_rate("--x", "1000000/s").interval, 1us);
  EXPECT_EQ(parse_rate("--x", "10/s,burst=50").interval, 100ms);
  EXPECT_EQ(parse_rate("--x", "10/s,burst=50").burst, 50);
  for (const char* text :
       {"", "10", "/s", "0/s", "-1/s", "1.5/s", "10/d", "10/ s", "1000001/s", "10/s,", "10/s,burst",
        "10/s,burst=", "10/s,burst=0", "10/s,burst=x", "10,burst=5", "10/s/s", "10/s,mode=1"}) {
    EXPECT_THROW(parse_rate("--x", text), CLI::ValidationError) << text;
  }
}

TEST(RateLimit, a_burst_and_then_one_each_interval) {
  Limited limited({.interval = 100ms, .burst = 3});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limited.ask("192.0.2.1"), 0ms) << i;
  EXPECT_EQ(limited.ask("192.0.2.1"), 100ms);
  EXPECT_EQ(limited.ask("192.0.2.1"), 100ms) << "what is refused is not counted";
  limited.pass(40ms);
  EXPECT_EQ(limited.ask("192.0.2.1"), 60ms);
  limited.pass(60ms);
  EXPECT_EQ(limited.ask("192.0.2.1"), 0ms);
  EXPECT_EQ(limited.ask("192.0.2.1"), 100ms);
  limited.pass(1h);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limited.ask("192.0.2.1"), 0ms) << "the bucket is full";
  EXPECT_EQ(limited.ask("192.0.2.1"), 100ms) << "and holds no more";
}

TEST(RateLimit, without_a_burst) {
  Limited limited({.interval = 1s, .burst = 1});
  EXPECT_EQ(limited.ask("192.0.2.1"), 0s);
  EXPECT_EQ(limited.ask("192.0.2.1"), 1s);
  limited.pass(1s);
  EXPECT_EQ(limited.ask("192.0.2.1"), 0s);
}

TEST(RateLimit, each_client_has_its_own) {
  Limited limited({.interval = 1s, .burst = 1});
  EXPECT_EQ(limited.ask("192.0.2.1"), 0s);
  EXPECT_EQ(limited.ask("192.0.2.2"), 0s);
  EXPECT_EQ(limited.ask(Address("192.0.2.1", 4711)), 1s) << "whatever its port is";
  EXPECT_EQ(limited.ask("::ffff:192.0.2.1"), 1s) << "an IPv4 client that came over IPv6";
  EXPECT_EQ(limited.ask("::1"), 0s);
  EXPECT_EQ(limited.ask("::1"), 1s);
}

TEST(RateLimit, a_network_of_IPv6_is_one_client) {
  Limited limited({.interval = 1s, .burst = 1});
  EXPECT_EQ(limited.ask("2001:db8:1:2::1"), 0s);
  EXPECT_EQ(limited.ask("2001:db8:1:2:ffff::1"), 1s);
  EXPECT_EQ(limited.ask("2001:db8:1:3::1"), 0s);
}

TEST(RateLimit, Unix_clients_have_no_address) {
  Limited limited({.interval = 1s, .burst = 1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limited.ask(Address::unix_path("")), 0s);
}

TEST(RateLimit, many_clients_take_no_more_memory_and_leave_their_share_to_others) {
  Limited limited({.interval = 1s, .burst = 1}, 64);
  for (int i = 0; i < 100'000; ++i) {
    const auto byte = [i](int shift) { return static_cast<std::uint8_t>(i >> shift); };
    EXPECT_EQ(limited.ask(Address::ipv4({10, byte(16), byte(8), byte(0)}, 1)), 0s);
  }
  EXPECT_EQ(limited.ask("192.0.2.1"), 0s);
  EXPECT_EQ(limited.ask("192.0.2.1"), 1s) << "who came last is remembered";
}

TEST(RateLimit, who_is_owed_the_most_is_remembered_the_longest) {
  Limited limited({.interval = 1s, .burst = 100}, 8);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(limited.ask("192.0.2.1"), 0s);
  for (std::uint8_t i = 0; i < 200; ++i) {
    EXPECT_EQ(limited.ask(Address::ipv4({10, 0, 0, i}, 1)), 0s);
  }
  EXPECT_EQ(limited.ask("192.0.2.1"), 1s);
}

TEST(RateLimit, threads_and_child_processes_count_together) {
  RateLimit limit({.interval = 1h, .burst = 1000});
  const RateLimit::Time now{1h};
  const Address client("192.0.2.1", 1);
  const pid_t child = ::fork();
  if (child == 0) {
    for (int i = 0; i < 500; ++i) limit.count(client, now);
    ::_exit(0);
  }
  ASSERT_GT(child, 0);
  std::atomic<int> admitted{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 1000; ++n) admitted += limit.count(client, now) == Duration::zero();
      });
    }
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  // The child may have been the last to come.
  EXPECT_GE(admitted, 500);
  EXPECT_LE(admitted, 1000);
  EXPECT_EQ(limit.count(client, now), 1h);
}

}  // namespace
}  // namespace socketserver::tool
