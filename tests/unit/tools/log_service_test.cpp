#include "log_service.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>

namespace socketserver::tool {
namespace {

using namespace std::string_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::ThrowsMessage;

/// A log service in a directory of its own.
class LogServiceTest : public ::testing::Test {
 public:
  LogServiceTest() {
    std::string folder = ::testing::TempDir() + "logXXXXXX";
    folder_ = ::mkdtemp(folder.data());
  }
  ~LogServiceTest() override { std::filesystem::remove_all(folder_); }

  LogServiceTest(const LogServiceTest&) = delete;
  LogServiceTest& operator=(const LogServiceTest&) = delete;

 protected:
  std::string path() const { return folder_ + "/log"; }

  void start() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(static_cast<char*>(address.sun_path), path().data(), path().size());
    service_ = UniqueFd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const auto* const place = reinterpret_cast<const sockaddr*>(&address);
    ASSERT_EQ(::bind(service_.get(), place, sizeof address), 0) << last_error().message();
  }

  void stop() {
    service_.reset();
    std::filesystem::remove(path());
  }

  /// What has come and was not looked at; "": nothing has.
  std::string datagram() const {
    std::array<char, 4096> block{};
    const ssize_t size = ::recv(service_.get(), block.data(), block.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(block.data(), static_cast<std::size_t>(size));
  }

 private:
  std::string folder_;
  UniqueFd service_;
};

TEST_F(LogServiceTest, syslog_datagrams) {
  constexpr int kDaemon = 3 << 3;
  const std::string pid = '[' + std::to_string(::getpid()) + ']';
  const std::string text = syslog_datagram(kDaemon, LogLevel::info, 971'211'336, "a \"b\"");
  EXPECT_THAT(text,
              MatchesRegex("<30>Oct 1[01] [0-9]{2}:[0-9]{2}:36 socketserver\\[[0-9]+\\]: a \"b\""));
  EXPECT_THAT(text, HasSubstr(pid));
  EXPECT_THAT(syslog_datagram(kDaemon, LogLevel::info, 970'400'000, ""), HasSubstr(">Oct  1 "));
  using Row = std::pair<LogLevel, const char*>;
  for (const auto& [level, begin] : {Row{LogLevel::debug, "<31>"}, Row{LogLevel::warning, "<28>"},
                                     Row{LogLevel::error, "<27>"}}) {
    EXPECT_EQ(syslog_datagram(kDaemon, level, 0, "").substr(0, 4), begin);
  }
}

TEST_F(LogServiceTest, journal_datagrams) {
  EXPECT_EQ(journal_datagram(LogLevel::info, "a=b"),
            "PRIORITY=6\nSYSLOG_IDENTIFIER=socketserver\nMESSAGE=a=b\n");
  EXPECT_EQ(journal_datagram(LogLevel::error, "a\nPRIORITY=0\n"),
            "PRIORITY=3\nSYSLOG_IDENTIFIER=socketserver\nMESSAGE\n\x0d\0\0\0\0\0\0\0"s
            "a\nPRIORITY=0\n\n"s);
  const std::string large(300, '\n');
  EXPECT_THAT(journal_datagram(LogLevel::info, large),
              EndsWith("MESSAGE\n\x2c\x01\0\0\0\0\0\0"s + large + "\n"));
}

TEST_F(LogServiceTest, lines_of_a_message) {
  start();
  LogService syslog({.facility = 8, .path = path()});
  EXPECT_FALSE(syslog.send(LogLevel::error, "one\n\ntwo\n"));
  EXPECT_THAT(datagram(), MatchesRegex("<11>.*: one"));
  EXPECT_THAT(datagram(), MatchesRegex("<11>.*: two"));
  EXPECT_EQ(datagram(), "");

  LogService journal({.protocol = LogProtocol::journal, .path = path()});
  EXPECT_FALSE(journal.send(LogLevel::error, "one\ntwo"));
  EXPECT_THAT(datagram(), EndsWith("one\ntwo\n"));
}

TEST_F(LogServiceTest, a_service_that_is_not_there) {
  for (const std::string& place : {path(), path() + std::string(200, 'x')}) {
    EXPECT_THAT([&] { LogService made({.path = place}); },
                ThrowsMessage<OSError>(HasSubstr("connect " + place)));
  }
}

TEST_F(LogServiceTest, a_service_that_is_started_anew) {
  start();
  LogService service({.facility = 8, .path = path()});
  stop();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(service.send(LogLevel::info, "lost"), std::errc::no_such_file_or_directory);
  }
  start();
  EXPECT_FALSE(service.send(LogLevel::info, "again"));
  EXPECT_THAT(datagram(), EndsWith(": again"));
  stop();
  start();
  EXPECT_FALSE(service.send(LogLevel::info, "at once"));
  EXPECT_THAT(datagram(), EndsWith(": at once"));
}

TEST_F(LogServiceTest, a_service_that_takes_nothing_is_waited_for_once) {
  start();
  LogService service({.facility = 8, .path = path()});
  std::error_code ec;
  while (!ec) ec = service.send(LogLevel::info, "x");
  EXPECT_EQ(ec, std::errc::resource_unavailable_try_again);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(service.send(LogLevel::info, "y"));
  EXPECT_THAT(datagram(), EndsWith(": x"));
  EXPECT_FALSE(service.send(LogLevel::info, "z"));
}

TEST_F(LogServiceTest, a_message_that_is_too_large_is_shortened) {
  start();
  LogService service({.facility = 8, .path = path()});
  EXPECT_FALSE(service.send(LogLevel::info, std::string(10'000'000, 'x')));
  EXPECT_THAT(datagram(), HasSubstr("]: xxxxxxxx"));
  EXPECT_FALSE(service.send(LogLevel::info, "y"));
  EXPECT_THAT(datagram(), EndsWith("]: y"));
}

}  // namespace
}  // namespace socketserver::tool
