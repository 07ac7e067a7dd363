#include <socketserver/base/log.hpp>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver {
namespace {

/// Standard error as a socket that keeps packets apart: each write(2) arrives as one message.
class PacketStderr {
 public:
  PacketStderr() : saved_(::dup(STDERR_FILENO)) {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
    reading_.reset(ends[0]);
    const timeval patience{.tv_sec = 10, .tv_usec = 0};
    ::setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::dup2(ends[1], STDERR_FILENO);
    ::close(ends[1]);
  }
  ~PacketStderr() { restore(); }
  PacketStderr(const PacketStderr&) = delete;
  PacketStderr& operator=(const PacketStderr&) = delete;

  void restore() {
    if (saved_) ::dup2(saved_.get(), STDERR_FILENO);
    saved_.reset();
  }

  /// The next write; "" when there will be no more, or none comes in time.
  std::string next() const {
    std::array<char, 4096> packet;
    const ssize_t n = ::recv(reading_.get(), packet.data(), packet.size(), 0);
    return {packet.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
  }

 private:
  UniqueFd saved_;
  UniqueFd reading_;
};

TEST(StderrLog, writes_a_message_and_its_line_end_at_once) {
  PacketStderr captured;
  stderr_log()(LogLevel::error, "two\nlines");
  captured.restore();
  EXPECT_EQ(captured.next(), "two\nlines\n");
  EXPECT_EQ(captured.next(), "");
}

TEST(StderrLog, drops_what_matters_less_than_asked) {
  PacketStderr captured;
  const LogSink log = stderr_log(LogLevel::warning);
  log(LogLevel::debug, "debug");
  log(LogLevel::info, "info");
  log(LogLevel::warning, "warning");
  log(LogLevel::error, "error");
  stderr_log()(LogLevel::debug, "not by default");
  captured.restore();
  EXPECT_EQ(captured.next(), "warning\n");
  EXPECT_EQ(captured.next(), "error\n");
  EXPECT_EQ(captured.next(), "");
}

TEST(StderrLog, lines_of_50_threads_do_not_mix) {
  constexpr int kThreads = 50;
  constexpr int kLines = 40;
  PacketStderr captured;
  const LogSink log = stderr_log();
  std::vector<std::string> expected;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    std::string line(static_cast<std::size_t>(100 + t), static_cast<char>('A' + t));
    expected.insert(expected.end(), kLines, line + '\n');
    threads.emplace_back([&log, line = std::move(line)] {
      for (int i = 0; i < kLines; ++i) log(LogLevel::info, line);
    });
  }
  std::vector<std::string> lines;
  std::generate_n(std::back_inserter(lines), expected.size(), [&] { return captured.next(); });
  threads.clear();
  captured.restore();
  std::ranges::sort(lines);
  std::ranges::sort(expected);
  EXPECT_EQ(lines, expected);
}

void ignore_signal(int) {}

TEST(StderrLog, a_signal_loses_no_message) {
  PacketStderr captured;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = ignore_signal;
  ::sigaction(SIGUSR1, &action, &before);

  // Fills the socket, so that the writer sleeps in write(2), where a signal can find it.
  int sent = 0;
  while (::send(STDERR_FILENO, "fill", 4, MSG_DONTWAIT) == 4) ++sent;
  std::jthread writer([] { stderr_log()(LogLevel::info, "kept"); });
  for (int i = 0; i < 1000; ++i) {
    ::pthread_kill(writer.native_handle(), SIGUSR1);
    std::this_thread::yield();
  }
  for (int i = 0; i < sent; ++i) EXPECT_EQ(captured.next(), "fill");
  EXPECT_EQ(captured.next(), "kept\n");
  writer.join();
  ::sigaction(SIGUSR1, &before, nullptr);
}

TEST(StderrLog, a_reader_that_went_away_does_not_end_the_program) {
  const UniqueFd saved(::dup(STDERR_FILENO));
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  ::dup2(ends[1], STDERR_FILENO);
  ::close(ends[0]);
  ::close(ends[1]);
  stderr_log()(LogLevel::error, "nobody listens");  // SIGPIPE would end the program here
  ::dup2(saved.get(), STDERR_FILENO);
}

}  // namespace
}  // namespace socketserver
