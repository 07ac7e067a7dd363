#include "base/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace socketserver::detail {
namespace {

using Timer = TimerWheel::Timer;

TEST(TimerWheel, is_empty_at_first) {
  TimerWheel wheel;
  EXPECT_TRUE(wheel.empty());
  EXPECT_EQ(wheel.next(), TimerWheel::kNever);
  EXPECT_EQ(wheel.pop_expired(1'000'000), nullptr);
}

TEST(TimerWheel, a_timer_runs_out_at_its_tick_and_not_before) {
  for (const Tick tick : {Tick{1}, Tick{63}, Tick{64}, Tick{65}, Tick{4095}, Tick{4096},
                          Tick{1} << 36, (Tick{1} << 60) + 12345, ~Tick{0} - 1}) {
    TimerWheel wheel;
    Timer timer;
    wheel.insert(timer, tick);
    EXPECT_TRUE(timer.armed());
    EXPECT_EQ(wheel.pop_expired(tick - 1), nullptr) << tick;
    EXPECT_EQ(wheel.next(), tick);
    EXPECT_EQ(wheel.pop_expired(tick), &timer) << tick;
    EXPECT_FALSE(timer.armed());
    EXPECT_TRUE(wheel.empty());
  }
}

TEST(TimerWheel, a_timer_in_the_past_runs_out_at_once) {
  TimerWheel wheel;
  Timer timer;
  EXPECT_EQ(wheel.pop_expired(1000), nullptr);
  wheel.insert(timer, 7);
  EXPECT_EQ(wheel.pop_expired(1000), &timer);
}

TEST(TimerWheel, a_long_pause_skips_nothing) {
  TimerWheel wheel;
  std::array<Timer, 4> timers;
  const std::array<Tick, 4> ticks = {5, 500, 50'000, 5'000'000};
  for (std::size_t i = 0; i < timers.size(); ++i) wheel.insert(timers[i], ticks[i]);
  for (Timer& timer : timers) EXPECT_EQ(wheel.pop_expired(10'000'000), &timer);
  EXPECT_EQ(wheel.pop_expired(10'000'000), nullptr);
}

TEST(TimerWheel, a_removed_timer_is_gone) {
  TimerWheel wheel;
  std::array<Timer, 3> timers;
  for (Timer& timer : timers) wheel.insert(timer, 100);
  wheel.remove(timers[1]);
  EXPECT_FALSE(timers[1].armed());
  int left = 0;
  while (Timer* const timer = wheel.pop_expired(100)) {
    EXPECT_NE(timer, &timers[1]);
    ++left;
  }
  EXPECT_EQ(left, 2);
}

/// A wheel beside an ordered map that holds the same timers.
class Model {
 public:
  void insert(Tick tick) {
    auto timer = std::make_unique<Timer>();
    wheel_.insert(*timer, tick);
    expected_.emplace(timer.get(), std::max(tick, now_));
    timers_.push_back(std::move(timer));
  }

  void remove(std::size_t choice) {
    if (expected_.empty()) return;
    const auto victim =
        std::next(expected_.begin(), static_cast<std::ptrdiff_t>(choice % expected_.size()));
    wheel_.remove(*victim->first);
    expected_.erase(victim);
  }

  void advance(Tick by) {
    EXPECT_LE(wheel_.next(), earliest());
    now_ += by;
    Tick last = 0;
    while (Timer* const timer = wheel_.pop_expired(now_)) {
      const auto found = expected_.find(timer);
      ASSERT_NE(found, expected_.end());
      EXPECT_LE(found->second, now_);
      EXPECT_GE(found->second, last);
      last = found->second;
      expected_.erase(found);
    }
    EXPECT_GT(earliest(), now_);
    EXPECT_EQ(wheel_.empty(), expected_.empty());
  }

 private:
  Tick earliest() const {
    Tick tick = TimerWheel::kNever;
    for (const auto& [timer, at] : expected_) tick = std::min(tick, at);
    return tick;
  }

  TimerWheel wheel_;
  Tick now_ = 0;
  std::vector<std::unique_ptr<Timer>> timers_;
  std::map<Timer*, Tick> expected_;

 public:
  Tick now() const { return now_; }
};

TEST(TimerWheel, agrees_with_a_sorted_map) {
  std::mt19937_64 random(20);
  Model model;
  const auto span = [&] { return (random() >> 24) >> random() % 40; };
  for (int step = 0; step < 20'000; ++step) {
    switch (random() % 8) {
      case 0:
        model.advance(span());
        break;
      case 1:
        model.advance(random() % 3);
        break;
      case 2:
      case 3:
      case 4:
        model.remove(random());
        break;
      default:
        model.insert(model.now() + span());
    }
  }
}

}  // namespace
}  // namespace socketserver::detail
