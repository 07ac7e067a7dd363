#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/http/simple_handler.hpp>

#include "scripted_peer.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

// Most of these wait for nothing: a ScriptedPeer tells how long the server would have waited.

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using End = ScriptedPeer::End;

/// Limits that can be told apart.
Limits distinct_limits() {
  Limits limits;
  limits.first_byte_timeout = 1h;
  limits.header_timeout = 2h;
  limits.keep_alive_timeout = 3h;
  limits.io_progress_timeout = 4h;
  limits.lingering_timeout = 5h;
  return limits;
}

/// What one client came to, and how long each wait for it would have been, in hours.
struct Course {
  std::string wire;
  std::vector<int> hours;
  std::vector<bool> idle;
  std::vector<std::string> log;
};

Course course(StreamHandler request_handler, std::vector<std::string> packets,
              const Limits& limits = distinct_limits(), End end = End::silence) {
  const LogRecorder log;
  IdleServer server(std::move(request_handler), limits, log.sink());
  ScriptedPeer peer(std::move(packets), end);
  Course course{.wire = peer.run(server), .hours = {}, .idle = {}, .log = log.messages()};
  for (const ScriptedPeer::Wait& wait : peer.waits()) {
    // Next to nothing has passed since the limit was set.
    course.hours.push_back(
        wait.patience == Duration::max() ? -1 : static_cast<int>((wait.patience + 1min) / 1h));
    course.idle.push_back(wait.idle);
  }
  return course;
}

using Hours = std::vector<int>;
using Idle = std::vector<bool>;

TEST(Timeouts, client_that_never_speaks_is_closed_silently) {
  const Course result = course(echo_request, {});
  EXPECT_EQ(result.wire, "");
  EXPECT_EQ(result.hours, (Hours{1}));
  EXPECT_EQ(result.idle, (Idle{true}));
  EXPECT_THAT(result.log, IsEmpty());
}

TEST(Timeouts, empty_line_asks_for_nothing) {
  const Course result = course(echo_request, {"\r\n"});
  EXPECT_EQ(result.wire, "");
  EXPECT_EQ(result.hours, (Hours{1, 1}));
}

TEST(Timeouts, half_a_head_is_408) {
  for (const std::string_view half :
       {"G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: x\r\n", "\r\nG"}) {
    Course result = course(echo_request, {std::string(half)});
    const Answer answer = take_answer(result.wire);
    EXPECT_EQ(answer.status_line, "HTTP/1.1 408 Request Timeout");
    EXPECT_EQ(answer.headers["Connection"], "close");
    EXPECT_EQ(result.wire, "");
    // The first byte, the rest of the head, then lingering.
    EXPECT_EQ(result.hours, (Hours{1, 2, 5}));
    EXPECT_THAT(result.log, ::testing::Contains(EndsWith("] Request timed out")));
  }
}

TEST(Timeouts, head_is_not_granted_more_time_for_more_bytes) {
  IdleServer server(echo_request, distinct_limits());
  std::vector<std::string> packets;
  for (const char c : kGet.substr(0, kGet.size() - 1)) packets.emplace_back(1, c);
  ScriptedPeer peer(packets, End::silence);
  EXPECT_THAT(peer.run(server), StartsWith("HTTP/1.1 408 "));
  const auto& waits = peer.waits();
  ASSERT_EQ(waits.size(), packets.size() + 2);
  for (std::size_t i = 2; i <= packets.size(); ++i) {
    EXPECT_LT(waits[i].patience, waits[i - 1].patience);
  }
}

TEST(Timeouts, idle_between_requests) {
  Course result = course(echo_request, {std::string(kGet)});
  EXPECT_EQ(take_answer(result.wire).status, 200);
  EXPECT_EQ(result.wire, "");
  EXPECT_EQ(result.hours, (Hours{1, 3}));
  EXPECT_EQ(result.idle, (Idle{true, true}));
  EXPECT_EQ(result.log.size(), 1);
}

TEST(Timeouts, half_of_a_second_request) {
  Course result = course(echo_request, {std::string(kGet) + "GET /2 HT"});
  EXPECT_EQ(take_answer(result.wire).status, 200);
  EXPECT_EQ(take_answer(result.wire).status, 408);
  EXPECT_EQ(result.hours, (Hours{1, 2, 5}));
}

TEST(Timeouts, half_a_body_is_408) {
  for (const std::string_view half :
       {"Content-Length: 5\r\n\r\n", "Content-Length: 5\r\n\r\nhell",
        "Transfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}) {
    Course result = course(echo_request, {"POST / HTTP/1.1\r\nHost: x\r\n" + std::string(half)});
    EXPECT_EQ(take_answer(result.wire).status_line, "HTTP/1.1 408 Request Timeout");
    EXPECT_EQ(result.wire, "");
    EXPECT_EQ(result.hours, (Hours{1, 4, 5}));
    EXPECT_EQ(result.idle, (Idle{true, false, true}));
  }
}

TEST(Timeouts, half_a_body_when_the_answer_has_begun) {
  Course result = course(
      [](BaseHTTPRequestHandler& self) {
        self.send_response_only(200);
        self.end_headers();
        self.flush_headers();
        self.wfile() << self.rfile().read(5);
      },
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell"});
  // Nothing that could be taken for a whole answer.
  EXPECT_EQ(result.wire, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(result.log, ::testing::Contains(EndsWith("] Request timed out")));
}

TEST(Timeouts, unread_body_is_waited_for_as_long_as_lingering_lasts) {
  Course result = course([](BaseHTTPRequestHandler& self) { send_text(self, "no"); },
                         {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhell"});
  EXPECT_EQ(take_answer(result.wire).body, "no");
  EXPECT_EQ(result.hours, (Hours{1, 4, 5}));
}

TEST(Timeouts, handlers_own_timeout_replaces_them) {
  const auto with_timeout = [](std::vector<std::string> packets) {
    return course(handler<ScriptedHandler>({.method = echo_request, .timeout = 7h}),
                  std::move(packets));
  };
  EXPECT_EQ(with_timeout({}).hours, (Hours{7}));
  EXPECT_EQ(with_timeout({"GET"}).hours, (Hours{7, 7, 5}));
  EXPECT_EQ(with_timeout({std::string(kGet)}).hours, (Hours{7, 7}));
  EXPECT_EQ(with_timeout({"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"}).hours,
            (Hours{7, 7, 5}));
}

TEST(Timeouts, HT_058_handlers_own_timeout_is_logged_even_when_idle) {
  const Course result =
      course(handler<ScriptedHandler>({.method = echo_request, .timeout = 7h}), {});
  EXPECT_EQ(result.wire, "");
  EXPECT_THAT(result.log, ::testing::ElementsAre(EndsWith("] Request timed out")));
}

TEST(Timeouts, zero_is_no_limit) {
  Limits limits;
  limits.first_byte_timeout = 0s;
  limits.header_timeout = 0s;
  limits.keep_alive_timeout = 0s;
  limits.io_progress_timeout = 0s;
  limits.lingering_timeout = 5h;
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(course(echo_request, {"G"}, limits).hours, (Hours{-1, -1, 5}));
  EXPECT_EQ(course(echo_request, {post}, limits).hours, (Hours{-1, -1, 5}));
  EXPECT_EQ(course(echo_request, {post, "hello"}, limits).hours, (Hours{-1, -1, -1}));
}

TEST(Timeouts, on_a_real_connection) {
  Limits limits;
  limits.first_byte_timeout = 30ms;
  limits.header_timeout = 30ms;
  limits.keep_alive_timeout = 30ms;
  limits.io_progress_timeout = 30ms;
  const WebServer server(echo_request, limits);
  EXPECT_EQ(server.ask(""), "");
  EXPECT_THAT(server.ask("GET / HT"), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_THAT(server.ask("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"),
              StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  std::string wire = server.ask(kGet);
  EXPECT_EQ(take_answer(wire).status, 200);
  EXPECT_EQ(wire, "");
  EXPECT_TRUE(server.is_well());
}

TEST(Timeouts, client_that_takes_nothing) {
  const TemporaryTree tree;
  tree.file("large");
  std::filesystem::resize_file(tree.path("large"), std::uint64_t{64} << 20);
  Limits limits;
  limits.io_progress_timeout = 50ms;
  WebServer files(handler<SimpleHTTPRequestHandler>({.directory = tree.path()}), limits);
  RawClient slow = files.connect();
  slow.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  files.log().wait_for("] Request timed out");

  // As with the kernel, so with bytes of the handler's.
  WebServer bytes(
      [](BaseHTTPRequestHandler& self) {
        send_text(self, std::string(std::size_t{64} << 20, 'x'));
      },
      limits);
  RawClient slower = bytes.connect();
  slower.send(kGet);
  bytes.log().wait_for("] Request timed out");
  EXPECT_FALSE(bytes.log().has("Exception"));
  EXPECT_TRUE(files.is_well());
}

TEST(Timeouts, other_timeouts_of_a_handler_are_its_errors) {
  WebServer server([](BaseHTTPRequestHandler&) { throw TimeoutError("ask the database"); });
  EXPECT_EQ(server.ask(kGet), "");
  EXPECT_TRUE(server.log().has("ask the database", LogLevel::error));
}

TEST(Timeouts, client_that_takes_a_little_now_and_then_is_served) {
  Limits limits;
  limits.io_progress_timeout = 2s;
  const WebServer server(
      [](BaseHTTPRequestHandler& self) {
        send_text(self, std::string(std::size_t{16} << 20, 'x'));
      },
      limits);
  RawClient client = server.connect();
  client.send(kGet);
  const std::string head = client.read_until("\r\n\r\n");
  for (int i = 0; i < 256; ++i) EXPECT_EQ(client.read(65536).size(), 65536);
}

}  // namespace
}  // namespace socketserver::testing
