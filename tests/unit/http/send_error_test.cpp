#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_peer.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The only answer that `method` gives to one request; the connection must close after it.
Answer answer_of(std::function<void(BaseHTTPRequestHandler&)> method,
                 std::string_view command = "GET") {
  IdleServer server(std::move(method));
  std::string wire = serve(server, {std::string(command) + " / HTTP/1.1\r\nHost: x\r\n\r\n"
                                                           "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"});
  const Answer answer = take_answer(wire, command);
  EXPECT_EQ(answer.headers["Connection"], "close");
  EXPECT_EQ(wire, "");
  return answer;
}

TEST(SendError, HT_084_with_message) {
  const Answer answer =
      answer_of([](BaseHTTPRequestHandler& self) { self.send_error(404, "File not found"); });
  EXPECT_EQ(answer.status_line, "HTTP/1.1 404 File not found");
  EXPECT_THAT(answer.body, HasSubstr("<h1>File not found</h1>"));
}

TEST(SendError, HT_085_default_texts_and_length) {
  const Answer answer = answer_of([](BaseHTTPRequestHandler& self) { self.send_error(404); });
  EXPECT_EQ(answer.status_line, "HTTP/1.1 404 Not Found");
  EXPECT_EQ(answer.headers["Content-Length"], std::to_string(answer.body.size()));
  EXPECT_THAT(answer.body, HasSubstr("There is nothing at this address."));
}

TEST(SendError, HT_086_unknown_code) {
  EXPECT_EQ(answer_of([](BaseHTTPRequestHandler& self) { self.send_error(999); }).status_line,
            "HTTP/1.1 999 ???");
}

TEST(SendError, HT_087_texts_are_escaped_in_the_page) {
  const Answer answer = answer_of(
      [](BaseHTTPRequestHandler& self) { self.send_error(418, "short <b>&\"'", "long <i>&\"'"); });
  EXPECT_EQ(answer.status_line, "HTTP/1.1 418 short <b>&\"'");
  EXPECT_THAT(answer.body, HasSubstr("<h1>short &lt;b&gt;&amp;\"'</h1>"));
  EXPECT_THAT(answer.body, HasSubstr("<p>long &lt;i&gt;&amp;\"'</p>"));
}

TEST(SendError, HT_088_line_end_in_the_message) {
  const Answer answer = answer_of([](BaseHTTPRequestHandler& self) {
    self.send_error(404, "no\r\nSet-Cookie: evil=1\x7f\xe4");
  });
  EXPECT_EQ(answer.status_line, "HTTP/1.1 404 no\\x0d\\x0aSet-Cookie: evil=1\\x7f\\xe4");
  EXPECT_FALSE(answer.headers.contains("Set-Cookie"));
}

TEST(SendError, HT_089_codes_without_page) {
  for (const int code : {101, 204, 205, 304}) {
    const Answer answer =
        answer_of([code](BaseHTTPRequestHandler& self) { self.send_error(code); });
    EXPECT_EQ(answer.status, code);
    EXPECT_EQ(answer.body, "") << code;
    EXPECT_FALSE(answer.headers.contains("Content-Type")) << code;
    EXPECT_FALSE(answer.headers.contains("Transfer-Encoding")) << code;
    // RFC 9110 §15.3.6: a 205 says that it is empty.
    EXPECT_EQ(answer.headers.contains("Content-Length"), code == 205) << code;
  }
}

TEST(SendError, HT_089_interim_code) {
  EXPECT_EQ(answer_of([](BaseHTTPRequestHandler& self) { self.send_error(102); }).status_line,
            "HTTP/1.1 102 Processing");
}

TEST(SendError, HT_090_head_gets_the_length_alone) {
  const Answer answer =
      answer_of([](BaseHTTPRequestHandler& self) { self.send_error(200); }, "HEAD");
  EXPECT_GT(std::stoi(std::string(answer.headers["Content-Length"])), 0);
}

TEST(SendError, HT_091_type_and_charset) {
  const Answer answer = answer_of([](BaseHTTPRequestHandler& self) { self.send_error(404); });
  EXPECT_EQ(answer.headers["Content-Type"], "text/html;charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr("<meta charset=\"utf-8\">"));
}

TEST(SendError, HT_092_page_of_the_handler) {
  struct Own : BaseHTTPRequestHandler {
    std::string_view error_message_format() const override {
      return "%(code)d|%(message)s|%(explain)s|100%%";
    }
    std::string_view error_content_type() const override { return "text/plain"; }
    void do_GET() override { send_error(418, "a<b", "c&d"); }
  };
  IdleServer server(handler<Own>());
  std::string wire = serve(server, {"GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
  const Answer answer = take_answer(wire);
  EXPECT_EQ(answer.headers["Content-Type"], "text/plain");
  EXPECT_EQ(answer.body, "418|a&lt;b|c&amp;d|100%");
}

TEST(SendError, further_headers) {
  const Answer answer = answer_of([](BaseHTTPRequestHandler& self) {
    http::Headers extra;
    extra.add("Retry-After", "120");
    extra.add("X-Other", "1");
    self.send_error(503, std::nullopt, std::nullopt, extra);
  });
  EXPECT_EQ(answer.headers["Retry-After"], "120");
  EXPECT_EQ(answer.headers["X-Other"], "1");
}

TEST(SendError, names_no_version_and_no_path_of_the_machine) {
  const Answer answer = answer_of([](BaseHTTPRequestHandler& self) { self.send_error(500); });
  EXPECT_THAT(answer.body, Not(HasSubstr("socketserver")));
  EXPECT_THAT(answer.body, Not(HasSubstr("C++")));
}

TEST(SendError, unread_body_does_not_cost_the_client_the_answer) {
  const WebServer server([](BaseHTTPRequestHandler& self) { self.send_error(403); });
  RawClient client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n" +
              std::string(30000, 'x'));
  EXPECT_EQ(read_answer(client).status, 403);
  EXPECT_TRUE(client.at_eof());
  // Still taken, not answered with a reset.
  client.send(std::string(30000, 'x'));
}

}  // namespace
}  // namespace socketserver::testing
