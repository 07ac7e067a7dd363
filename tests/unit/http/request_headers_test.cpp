#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "web_server.hpp"

// The answer on the wire; http_proto/ tests what the parser makes of a head.

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Limits with_long_headers() {
  Limits limits;
  limits.header_bytes = 65536;
  return limits;
}

class RequestHeaders : public ::testing::Test {
 protected:
  /// The answer to a GET of HTTP/1.0 with these header lines; the connection must close after it.
  Answer ask(std::string_view lines) {
    std::string wire = server.ask("GET / HTTP/1.0\r\n" + std::string(lines) + "\r\n");
    const Answer answer = take_answer(wire);
    EXPECT_EQ(wire, "");
    return answer;
  }

  void expect_refused(std::string_view lines, std::string_view status_line) {
    SCOPED_TRACE(::testing::PrintToString(lines.substr(0, 80)));
    const Answer answer = ask(lines);
    EXPECT_EQ(answer.status_line, status_line);
    EXPECT_EQ(answer.headers["Connection"], "close");
  }

  WebServer server{echo_request, with_long_headers()};
};

std::string lines(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += "X: y\r\n";
  return all;
}

TEST_F(RequestHeaders, HT_031_hundred_lines) {
  EXPECT_EQ(ask(lines(99)).status, 200);
  EXPECT_EQ(ask(lines(100)).status, 200);
  expect_refused(lines(101), "HTTP/1.1 431 Too many headers");
}

TEST_F(RequestHeaders, HT_032_longest_line) {
  const std::string fits(65536 - std::string_view("X: \r\n").size(), 'r');
  EXPECT_THAT(ask("X: " + fits + "\r\n").body, HasSubstr("\nX: " + fits + "\n"));
  expect_refused("X: " + fits + "r\r\n", "HTTP/1.1 431 Line too long");
}

TEST_F(RequestHeaders, HT_033_431_knows_the_request_line) {
  expect_refused(lines(101), "HTTP/1.1 431 Too many headers");
  EXPECT_TRUE(server.log().has("\"GET / HTTP/1.0\" 431 -"));
}

TEST_F(RequestHeaders, HT_033_status_line_has_the_server_version) {
  const WebServer old(
      handler<ScriptedHandler>({.method = echo_request, .protocol_version = "HTTP/1.0"}));
  EXPECT_THAT(old.ask("GET / HTTP/1.1\r\n" + lines(101) + "\r\n"),
              StartsWith("HTTP/1.0 431 Too many headers\r\n"));
}

TEST(RequestHeaderAccess, HT_034_any_case_and_duplicates) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    std::string all;
    for (const std::string_view value : self.headers().get_all("x-ONE")) {
      all += std::string(value) + ';';
    }
    send_text(self, std::string(self.headers()["X-One"]) + '|' + all);
  });
  EXPECT_EQ(server.get("/", "X-one: 1\r\nother: 3\r\nX-ONE: 2\r\n").body, "1|1;2;");
}

TEST_F(RequestHeaders, HT_034_spelling_and_order_are_kept) {
  EXPECT_THAT(ask("B: 1\r\nAa: 2\r\nb: 3\r\n").body, HasSubstr("\nB: 1\nAa: 2\nb: 3\n"));
}

TEST_F(RequestHeaders, HT_035_bytes_above_ascii) {
  EXPECT_THAT(ask("X: \xc4rger\r\n").body, HasSubstr("\nX: \xc4rger\n"));
}

TEST_F(RequestHeaders, HT_036_folded_line) {
  expect_refused("X: a\r\n  b\r\nA: b\r\n", "HTTP/1.1 400 Folded header line");
}

TEST_F(RequestHeaders, HT_037_folded_first_line) {
  expect_refused(" X: a\r\nA: b\r\n", "HTTP/1.1 400 Folded header line");
}

TEST_F(RequestHeaders, HT_038_line_without_colon) {
  expect_refused("X y\r\nA: b\r\n", "HTTP/1.1 400 Header line without colon");
}

TEST_F(RequestHeaders, HT_039_blank_before_the_colon) {
  expect_refused("X : y\r\nA: b\r\n", "HTTP/1.1 400 Bad header name");
}

TEST_F(RequestHeaders, HT_040_bare_carriage_return) {
  expect_refused("X: a\rY: b\r\nA: c\r\n", "HTTP/1.1 400 Bad header value");
}

TEST(RequestHeaderEnd, HT_041_end_of_stream_within_the_head) {
  int calls = 0;
  {
    const WebServer server([&](BaseHTTPRequestHandler&) { ++calls; });
    RawClient client = server.connect();
    client.send("GET / HTTP/1.0\r\nX: y\r\n");
    client.half_close();
    EXPECT_EQ(client.read_all(), "");
  }
  EXPECT_EQ(calls, 0);
}

TEST_F(RequestHeaders, HT_042_two_lengths) {
  expect_refused("Content-Length: 5\r\nContent-Length: 6\r\n",
                 "HTTP/1.1 400 Several Content-Lengths");
  EXPECT_EQ(ask("Content-Length: 0\r\nContent-Length: 0\r\n").status, 200);
}

TEST_F(RequestHeaders, HT_043_transfer_codings) {
  const auto post = [&](std::string_view fields, std::string_view body) {
    std::string wire = server.ask("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                                  std::string(fields) + "\r\n" + std::string(body));
    return take_answer(wire);
  };
  EXPECT_THAT(post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n").body,
              ::testing::EndsWith("\n\nhello"));
  const Answer unknown = post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n");
  EXPECT_EQ(unknown.status_line, "HTTP/1.1 501 Unsupported Transfer-Encoding");
  EXPECT_EQ(unknown.headers["Connection"], "close");
}

TEST_F(RequestHeaders, HT_044_http11_needs_a_host) {
  std::string wire = server.ask("GET / HTTP/1.1\r\n\r\n");
  const Answer answer = take_answer(wire);
  EXPECT_EQ(answer.status_line, "HTTP/1.1 400 Missing Host header");
  EXPECT_EQ(answer.headers["Connection"], "close");
}

TEST_F(RequestHeaders, HT_090_refused_head_gets_no_body) {
  const std::string wire = server.ask("HEAD / HTTP/1.1\r\n\r\n");
  EXPECT_THAT(wire, StartsWith("HTTP/1.1 400 Missing Host header\r\n"));
  EXPECT_THAT(wire, ::testing::EndsWith("\r\n\r\n"));
  EXPECT_THAT(wire, Not(HasSubstr("<html")));
}

}  // namespace
}  // namespace socketserver::testing
