#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string expectant_post(std::string_view version, std::string_view expectation) {
  return "POST / " + std::string(version) +
         "\r\nHost: x\r\nContent-Length: 5\r\nExpect: " + std::string(expectation) + "\r\n\r\n";
}

TEST(ExpectContinue, HT_061_arrives_before_the_body_is_read) {
  const WebServer server(echo_request);
  for (const std::string_view spelling : {"100-continue", "100-CONTINUE"}) {
    RawClient client = server.connect();
    client.send(expectant_post("HTTP/1.1", spelling));
    EXPECT_EQ(client.read(kContinue.size()), kContinue);
    client.send("hello");
    EXPECT_THAT(read_answer(client).body, EndsWith("\n\nhello"));
  }
}

TEST(ExpectContinue, HT_061_does_not_hold_earlier_answers_back) {
  const WebServer server(echo_request);
  RawClient client = server.connect();
  client.send("GET /first HTTP/1.1\r\nHost: x\r\n\r\n" +
              expectant_post("HTTP/1.1", "100-continue"));
  EXPECT_THAT(read_answer(client).body, HasSubstr("path=/first\n"));
  EXPECT_EQ(client.read(kContinue.size()), kContinue);
  client.send("hello");
  EXPECT_EQ(read_answer(client).status, 200);
}

TEST(ExpectContinue, HT_062_not_for_http10) {
  const WebServer server(echo_request);
  EXPECT_THAT(server.ask(expectant_post("HTTP/1.0", "100-continue") + "hello"),
              Not(HasSubstr("100 Continue")));

  const WebServer old(
      handler<ScriptedHandler>({.method = echo_request, .protocol_version = "HTTP/1.0"}));
  EXPECT_THAT(old.ask(expectant_post("HTTP/1.1", "100-continue") + "hello"),
              Not(HasSubstr("100 Continue")));
}

TEST(ExpectContinue, HT_063_override_refuses) {
  struct Refusing : BaseHTTPRequestHandler {
    explicit Refusing(int* calls_) : calls(calls_) {}
    bool handle_expect_100() override {
      send_error(417);
      return false;
    }
    void do_POST() override { ++*calls; }
    int* const calls;
  };
  int calls = 0;
  {
    const WebServer server(handler<Refusing>(&calls));
    std::string wire = server.ask(expectant_post("HTTP/1.1", "100-continue"));
    const Answer answer = take_answer(wire);
    EXPECT_EQ(answer.status_line, "HTTP/1.1 417 Expectation Failed");
    EXPECT_EQ(answer.headers.get_all("Connection").size(), 1);
    EXPECT_EQ(wire, "");
  }
  EXPECT_EQ(calls, 0);
}

TEST(ExpectContinue, HT_064_other_expectations_are_ignored) {
  const WebServer server(echo_request);
  RawClient client = server.connect();
  client.send(expectant_post("HTTP/1.1", "spam") + "hello");
  EXPECT_EQ(read_answer(client).status, 200);
}

TEST(ExpectContinue, HT_065_is_bare_and_not_logged) {
  WebServer server(echo_request);
  RawClient client = server.connect();
  client.send(expectant_post("HTTP/1.1", "100-continue") + "hello");
  const Answer interim = read_answer(client);
  EXPECT_EQ(interim.status_line, "HTTP/1.1 100 Continue");
  EXPECT_TRUE(interim.headers.empty());
  EXPECT_EQ(read_answer(client).status, 200);
  EXPECT_FALSE(server.log().has("100 -", LogLevel::debug));
}

TEST(ExpectContinue, body_over_the_limit_is_refused_instead) {
  Limits limits;
  limits.body_bytes = 4;
  const WebServer server(echo_request, limits);
  std::string wire = server.ask(expectant_post("HTTP/1.1", "100-continue"));
  EXPECT_EQ(take_answer(wire).status_line, "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(wire, "");
}

TEST(ExpectContinue, handler_may_send_other_interim_answers) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response_only(103);
    self.send_header("Link", "</style.css>; rel=preload");
    self.end_headers();
    send_text(self, "done");
  });
  RawClient client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer hints = read_answer(client);
  EXPECT_EQ(hints.status_line, "HTTP/1.1 103 Early Hints");
  EXPECT_EQ(hints.headers.size(), 1);
  EXPECT_EQ(read_answer(client).body, "done");
}

}  // namespace
}  // namespace socketserver::testing
