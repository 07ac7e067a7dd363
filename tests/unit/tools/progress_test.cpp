#include "progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <socketserver/base/unique_fd.hpp>
#include <socketserver/testing/wait.hpp>

#include "log.hpp"

namespace socketserver::tool {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kErase = "\r\x1b[K";

/// What a terminal is sent.
class Screen {
 public:
  Screen() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0) {
      reading_ = UniqueFd(ends[0]);
      writing_ = UniqueFd(ends[1]);
    }
  }

  int fd() const { return writing_.get(); }

  /// All that has been sent so far.
  const std::string& sent() {
    std::array<char, 4096> block{};
    for (;;) {
      const ssize_t got = ::read(reading_.get(), block.data(), block.size());
      if (got <= 0) return sent_;
      sent_.append(block.data(), static_cast<std::size_t>(got));
    }
  }

  void wait_for(const std::string& text) {
    testing::wait_until("the screen to have " + text,
                        [&] { return sent().find(text) != std::string::npos; });
  }

  void forget() {
    sent();
    sent_.clear();
  }

 private:
  UniqueFd reading_;
  UniqueFd writing_;
  std::string sent_;
};

constexpr Progress::Pace kAtOnce{.every = 1ms, .long_after = 0ms};
constexpr Progress::Pace kNever{.every = 1ms, .long_after = 1h};

TEST(Progress, line_follows_the_transfers) {
  Screen screen;
  Log log({});
  Progress progress(log, screen.fd(), kAtOnce);
  Progress::Transfer first(progress, "big.iso", 1000);
  screen.wait_for("\r\x1b[K1 transfer, 0 B/s  big.iso 0 %");
  first.add(430);
  screen.wait_for("/s  big.iso 43 %");
  {
    Progress::Transfer second(progress, "list", std::nullopt);
    second.add(5);
    screen.wait_for("/s  big.iso 43 %  list 5 B");
    screen.forget();
  }
  screen.wait_for("\r\x1b[K1 transfer, ");
}

TEST(Progress, is_erased_with_the_last_transfer_and_not_later) {
  Screen screen;
  Log log({});
  Progress progress(log, screen.fd(), {.every = 1ms, .long_after = 0ms});
  {
    const Progress::Transfer transfer(progress, "a", std::nullopt);
    screen.wait_for("a 0 B");
  }
  EXPECT_TRUE(screen.sent().ends_with(kErase));
}

TEST(Progress, log_lines_stand_above_it) {
  Screen screen;
  Log log({});
  Progress progress(log, screen.fd(), kAtOnce);
  log.message(LogLevel::info, "before");
  EXPECT_EQ(screen.sent(), "before\n");
  const Progress::Transfer transfer(progress, "a", std::nullopt);
  screen.wait_for("a 0 B");
  screen.forget();
  log.message(LogLevel::info, "meanwhile");
  EXPECT_EQ(screen.sent().find("\r\x1b[Kmeanwhile\n1 transfer, "), 0U);
}

TEST(Progress, is_gone_at_its_end_and_the_log_goes_on) {
  Screen screen;
  Log log({});
  {
    Progress progress(log, screen.fd(), kAtOnce);
    const Progress::Transfer transfer(progress, "a", std::nullopt);
    screen.wait_for("a 0 B");
  }
  EXPECT_TRUE(screen.sent().ends_with(kErase));
  screen.forget();
  ::testing::internal::CaptureStderr();
  log.message(LogLevel::info, "afterwards");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "afterwards\n");
  EXPECT_EQ(screen.sent(), "");
}

TEST(Progress, short_transfers_are_not_shown) {
  Screen screen;
  Log log({});
  {
    Progress progress(log, screen.fd(), kNever);
    const Progress::Transfer transfer(progress, "a", std::nullopt);
    log.message(LogLevel::info, "line");
  }
  EXPECT_EQ(screen.sent(), "line\n");
}

TEST(Progress, many_threads) {
  Screen screen;
  // It is read at the end, and must take everything until then.
  ASSERT_GE(::fcntl(screen.fd(), F_SETPIPE_SZ, 1 << 20), 0);
  Log log({});
  Progress progress(log, screen.fd(), kAtOnce);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        Progress::Transfer transfer(progress, "a", 10);
        transfer.add(10);
        log.message(LogLevel::info, "x");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const std::string& sent = screen.sent();
  EXPECT_EQ(std::count(sent.begin(), sent.end(), '\n'), 200);
}

// Standard error of a test is no terminal; what else there is does not matter then.
TEST(Progress, suits_terminals_only) {
  EXPECT_FALSE(Progress::suits({}));
}

}  // namespace
}  // namespace socketserver::tool
