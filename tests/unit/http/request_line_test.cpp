#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "web_server.hpp"

// What the answer on the wire is, and whether the connection closes. What the parser makes of a
// request line is tested in http_proto/request_parser_test.cpp.

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Limits with_long_request_lines() {
  Limits limits;
  limits.request_line_bytes = 65536;
  return limits;
}

class RequestLine : public ::testing::Test {
 protected:
  /// What the handler saw, if the server serves the line with a Host header.
  std::string served(std::string_view line, std::string_view line_end = "\r\n") {
    std::string wire = server.ask(std::string(line) + std::string(line_end) +
                                  "Host: x\r\nConnection: close\r\n\r\n");
    const Answer answer = take_answer(wire);
    EXPECT_EQ(answer.status_line, "HTTP/1.1 200 OK") << line;
    EXPECT_EQ(wire, "") << line;
    return answer.body;
  }

  /// Whether the server refuses the request with this status line and a page, and closes.
  void expect_refused(std::string_view request, std::string_view status_line) {
    SCOPED_TRACE(::testing::PrintToString(request.substr(0, 80)));
    std::string wire = server.ask(request);
    const Answer answer = take_answer(wire);
    EXPECT_EQ(answer.status_line, status_line);
    EXPECT_EQ(answer.headers["Connection"], "close");
    EXPECT_EQ(answer.headers["Content-Type"], "text/html;charset=utf-8");
    EXPECT_THAT(answer.body, HasSubstr("Error code: " + std::to_string(answer.status)));
    EXPECT_EQ(wire, "");
  }

  WebServer server{echo_request, with_long_request_lines()};
};

TEST_F(RequestLine, HT_001_words) {
  EXPECT_THAT(served("GET / HTTP/1.1"),
              StartsWith("command=GET\npath=/\nversion=HTTP/1.1\nrequestline=GET / HTTP/1.1\n"));
}

TEST_F(RequestLine, HT_002_line_feeds_alone) {
  std::string wire = server.ask("GET / HTTP/1.1\nHost: x\nConnection: close\n\n");
  EXPECT_EQ(take_answer(wire).status, 200);
}

TEST_F(RequestLine, HT_003_several_blanks) {
  EXPECT_THAT(served("GET    /   HTTP/1.1  "), StartsWith("command=GET\npath=/\nversion=HTTP/1.1\n"
                                                          "requestline=GET    /   HTTP/1.1  \n"));
}

TEST_F(RequestLine, HT_004_only_space_and_tab_separate) {
  EXPECT_THAT(served("GET\t/\tHTTP/1.1"), StartsWith("command=GET\npath=/\n"));
  for (const char foreign : {'\v', '\f', '\x1c', '\x1f', '\x85', '\xa0'}) {
    const std::string line = std::string("GET") + foreign + "/" + foreign + "HTTP/1.1";
    SCOPED_TRACE(::testing::PrintToString(line));
    std::string wire = server.ask(line + "\r\nHost: x\r\n\r\n");
    const Answer answer = take_answer(wire);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.headers["Connection"], "close");
  }
}

TEST_F(RequestLine, HT_005_several_carriage_returns) {
  EXPECT_THAT(served("GET / HTTP/1.1", "\r\r\n"), HasSubstr("requestline=GET / HTTP/1.1\n"));
}

TEST_F(RequestLine, HT_006_one_empty_line_is_skipped) {
  EXPECT_THAT(served("\r\nGET / HTTP/1.1"), StartsWith("command=GET\n"));
}

TEST_F(RequestLine, HT_006_two_empty_lines_close) {
  EXPECT_EQ(server.ask("\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"), "");
}

TEST_F(RequestLine, HT_007_only_blanks_close) {
  EXPECT_EQ(server.ask("   \r\n"), "");
}

TEST_F(RequestLine, HT_008_one_word) {
  expect_refused("GET\r\n\r\n", "HTTP/1.1 400 Bad request syntax ('GET')");
}

TEST_F(RequestLine, HT_009_four_words) {
  expect_refused("GET / x HTTP/1.1\r\nHost: x\r\n\r\n",
                 "HTTP/1.1 400 Bad request syntax ('GET / x HTTP/1.1')");
}

TEST_F(RequestLine, HT_010_four_words_and_a_bad_version) {
  expect_refused("GET / x FOO/1.1\r\n\r\n", "HTTP/1.1 400 Bad request version ('FOO/1.1')");
}

TEST_F(RequestLine, HT_011_bad_version) {
  expect_refused("GET / FUBAR\r\n\r\n", "HTTP/1.1 400 Bad request version ('FUBAR')");
}

TEST_F(RequestLine, HT_012_malformed_versions) {
  for (const std::string version : {"HTTP/9.9.9", "HTTP/1", "HTTP/1.", "HTTP/+1.1", "HTTP/1_0.1",
                                    "http/1.1", "HTTP/-9_9_9.+9_9_9"}) {
    expect_refused("GET / " + version + "\r\n\r\n",
                   "HTTP/1.1 400 Bad request version ('" + version + "')");
  }
}

TEST_F(RequestLine, HT_013_long_version_numbers) {
  for (const std::string version : {"HTTP/909876543210.0", "HTTP/1.909876543210"}) {
    expect_refused("GET / " + version + "\r\n\r\n",
                   "HTTP/1.1 400 Bad request version ('" + version + "')");
  }
  EXPECT_THAT(served("GET / HTTP/1.1234567890"), HasSubstr("version=HTTP/1.1234567890\n"));
}

TEST_F(RequestLine, HT_014_superscript_digit) {
  expect_refused("GET / HTTP/1.\xb2\r\n\r\n", "HTTP/1.1 400 Bad request version ('HTTP/1.\\xb2')");
}

TEST_F(RequestLine, HT_015_newer_protocols) {
  expect_refused("GET / HTTP/2.0\r\nHost: x\r\n\r\n", "HTTP/1.1 505 Invalid HTTP version (2.0)");
  expect_refused("GET / HTTP/9.9\r\nHost: x\r\n\r\n", "HTTP/1.1 505 Invalid HTTP version (9.9)");
}

TEST_F(RequestLine, HT_016_other_versions_of_1) {
  for (const std::string version : {"HTTP/1.2", "HTTP/1.10", "HTTP/01.01"}) {
    EXPECT_THAT(served("GET / " + version), HasSubstr("version=" + version + "\n"));
  }
}

TEST_F(RequestLine, HT_016_keeps_the_connection) {
  RawClient client = server.connect();
  client.send("GET / HTTP/1.2\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 200);
  EXPECT_EQ(read_answer(client).status, 200);
}

TEST_F(RequestLine, HT_017_refusals_have_a_head) {
  expect_refused("hello, is anybody there?\r\n", "HTTP/1.1 400 Bad request version ('there?')");
  EXPECT_THAT(server.ask("GET /\r\n"), StartsWith("command=GET\n"));
}

TEST_F(RequestLine, HT_018_longest_line) {
  const std::string_view frame = "GET / HTTP/1.1\r\n";
  const std::string fits(65536 - frame.size(), 'a');
  EXPECT_THAT(served("GET /" + fits + " HTTP/1.1"), HasSubstr("\npath=/" + fits + "\n"));
  expect_refused("GET /" + fits + "a HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 414 URI Too Long");
}

TEST_F(RequestLine, HT_018_too_long_is_logged_without_the_line) {
  server.ask("GET /" + std::string(65536, 'a'));
  EXPECT_TRUE(server.log().has("] code 414, message URI Too Long"));
  EXPECT_TRUE(server.log().has("] \"\" 414 -"));
}

TEST(RequestLineLimit, HT_018_is_8_KiB_unless_set) {
  const WebServer server(echo_request);
  const std::string_view frame = "GET / HTTP/1.1\r\n";
  const std::string fits(8192 - frame.size(), 'a');
  EXPECT_EQ(server.get("/" + fits).status, 200);
  EXPECT_EQ(server.get("/" + fits + "a").status, 414);
}

TEST_F(RequestLine, HT_019_leading_slashes) {
  EXPECT_THAT(served("GET //evil.example/x HTTP/1.1"), HasSubstr("\npath=/evil.example/x\n"));
  EXPECT_THAT(served("GET ///a//b HTTP/1.1"), HasSubstr("\npath=/a//b\n"));
}

TEST_F(RequestLine, HT_020_absolute_form) {
  EXPECT_THAT(served("GET http://h/p HTTP/1.1"), HasSubstr("\npath=http://h/p\n"));
}

TEST_F(RequestLine, HT_022_nul_in_the_target) {
  using namespace std::string_literals;
  EXPECT_THAT(served("GET /a\0b HTTP/1.1"s), HasSubstr("\npath=/a\0b\n"s));
  EXPECT_TRUE(server.log().has("\"GET /a\\x00b HTTP/1.1\" 200 -"));
}

TEST_F(RequestLine, HT_023_bytes_above_ascii) {
  EXPECT_THAT(served("GET /\xe4\xff HTTP/1.1"), HasSubstr("\npath=/\xe4\xff\n"));
}

TEST_F(RequestLine, HT_024_logged_with_escapes) {
  served("GET /\"\\\x1b[2J HTTP/1.1");
  EXPECT_TRUE(server.log().has("\"GET /%22\\\\\\x1b[2J HTTP/1.1\" 200 -"));
}

TEST_F(RequestLine, HT_025_two_words_are_answered_at_once) {
  // Neither an empty line nor the end of the stream is sent.
  EXPECT_EQ(server.ask("GET /x\r\n"),
            "command=GET\npath=/x\nversion=HTTP/0.9\nrequestline=GET /x\n\n");
}

TEST_F(RequestLine, HT_026_http09_gets_the_body_alone) {
  const WebServer headed([](BaseHTTPRequestHandler& self) {
    self.send_response(404);
    self.send_header("X-Header", "value");
    self.end_headers();
    self.wfile() << "body";
  });
  EXPECT_EQ(headed.ask("GET /\r\n\r\n"), "body");
}

TEST_F(RequestLine, HT_027_http09_as_third_word) {
  // An empty line ends its headers.
  EXPECT_THAT(server.ask("GET /x HTTP/0.9\r\nX: y\r\n\r\n"),
              ::testing::AllOf(StartsWith("command=GET\npath=/x\nversion=HTTP/0.9\n"),
                               HasSubstr("\nX: y\n")));
}

TEST_F(RequestLine, HT_028_http09_knows_only_get) {
  expect_refused("POST /\r\n\r\n", "HTTP/1.1 400 Bad HTTP/0.9 request type ('POST')");
}

TEST_F(RequestLine, HT_029_http09_closes) {
  const std::string wire = server.ask("GET /1\r\nGET /2\r\n");
  EXPECT_THAT(wire, HasSubstr("path=/1\n"));
  EXPECT_THAT(wire, ::testing::Not(HasSubstr("/2")));
}

TEST_F(RequestLine, HT_030_http09_has_no_headers) {
  EXPECT_EQ(server.ask("GET /x\r\nConnection: keep-alive\r\n\r\n"),
            "command=GET\npath=/x\nversion=HTTP/0.9\nrequestline=GET /x\n\n");
}

TEST(RequestLineDispatch, HT_021_options_of_the_server) {
  struct Silent : BaseHTTPRequestHandler {};
  const WebServer server(handler<Silent>());
  std::string wire = server.ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(take_answer(wire).status_line, "HTTP/1.1 501 Unsupported method ('OPTIONS')");
}

}  // namespace
}  // namespace socketserver::testing
