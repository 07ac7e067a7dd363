#include "server/accept_pause.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>

#include <socketserver/testing/raw_client.hpp>

namespace socketserver::detail {
namespace {

using namespace std::chrono_literals;

const std::error_code kTooManyFiles = std::make_error_code(std::errc::too_many_files_open);

struct AcceptPauseTest : ::testing::Test {
  static Socket listening() {
    Socket socket = Socket::open(AddressFamily::inet, SocketType::stream);
    socket.bind(Address("127.0.0.1", 0));
    socket.listen(8);
    return socket;
  }

  std::optional<std::string> fail() { return pause.failed(kTooManyFiles, listener); }

  Socket listener = listening();
  AcceptPause pause;
};

TEST_F(AcceptPauseTest, does_not_pause_at_first) {
  EXPECT_FALSE(pause.pausing());
  EXPECT_TRUE(pause.until().is_never());
}

TEST_F(AcceptPauseTest, errors_that_are_no_shortage_change_nothing) {
  EXPECT_EQ(pause.failed(std::make_error_code(std::errc::connection_aborted), listener),
            std::nullopt);
  EXPECT_FALSE(pause.pausing());
}

TEST_F(AcceptPauseTest, a_shortage_is_reported_once) {
  EXPECT_EQ(fail(), "accept: Too many open files; accepting pauses until there is room again");
  EXPECT_EQ(fail(), std::nullopt);
  EXPECT_TRUE(pause.pausing());
  pause.succeeded();
  EXPECT_FALSE(pause.pausing());
  EXPECT_NE(fail(), std::nullopt);
}

TEST_F(AcceptPauseTest, pauses_grow_to_a_second) {
  Duration shortest = 0ms;
  for (const Duration longest : {50ms, 100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    fail();
    EXPECT_LE(pause.until().remaining(), longest);
    EXPECT_GT(pause.until().remaining(), shortest);
    shortest = longest / 2;
  }
  pause.succeeded();
  fail();
  EXPECT_LE(pause.until().remaining(), 50ms);
}

TEST_F(AcceptPauseTest, one_waiting_client_is_shed_each_time) {
  testing::RawClient first(listener.getsockname());
  testing::RawClient second(listener.getsockname());
  fail();
  EXPECT_TRUE(first.at_eof());
  EXPECT_EQ(listener.accept().second, second.address()) << "the second one still waits";
}

TEST_F(AcceptPauseTest, nobody_to_shed_is_no_error) {
  fail();
  fail();
}

}  // namespace
}  // namespace socketserver::detail
