#include <socketserver/testing/wait.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/error.hpp>

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

TEST(Event, wakes_who_waits) {
  Event event("the other thread runs");
  std::jthread other([&] { event.set(); });
  event.wait();
  EXPECT_EQ(event.count(), 1);
}

TEST(Event, stays_set) {
  Event event("it is set");
  event.set();
  event.wait();
  event.wait();
  EXPECT_TRUE(event.wait_for(0ms));
}

TEST(Event, counts_how_often) {
  Event event("all 50 threads run");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 50; ++i) threads.emplace_back([&] { event.set(); });
  event.wait(50);
  EXPECT_EQ(event.count(), 50);
  EXPECT_FALSE(event.wait_for(0ms, 51));
}

TEST(Event, gives_up_at_the_deadline_and_not_before) {
  Event event("nothing happens");
  const auto start = Deadline::Clock::now();
  EXPECT_FALSE(event.wait_for(20ms));
  EXPECT_GE(Deadline::Clock::now() - start, 20ms);
}

TEST(WaitUntil, returns_when_the_condition_holds) {
  int looks = 0;
  wait_until("the third look", [&] { return ++looks == 3; });
  EXPECT_EQ(looks, 3);
}

TEST(WaitUntil, says_what_did_not_come) {
  try {
    wait_until(
        "pigs fly", [] { return false; }, 10ms);
    FAIL();
  } catch (const TimeoutError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("wait until pigs fly: ", 0), 0u) << error.what();
  }
}

TEST(WaitUntil, looks_once_even_without_patience) {
  wait_until(
      "it is so already", [] { return true; }, 0ms);
}

}  // namespace
}  // namespace socketserver::testing
