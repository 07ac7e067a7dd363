#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;

std::string request_with(std::string_view method) {
  return std::string(method) + " / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
}

Answer answer_to(const WebServer& server, std::string_view method) {
  std::string wire = server.ask(request_with(method));
  const Answer answer = take_answer(wire, method);
  EXPECT_EQ(wire, "") << method;
  return answer;
}

/// Answers every method that Python names, with its name.
struct Named : BaseHTTPRequestHandler {
  void do_GET() override { testing::send_text(*this, "GET"); }
  void do_HEAD() override { testing::send_text(*this, "HEAD"); }
  void do_POST() override { testing::send_text(*this, "POST"); }
  void do_PUT() override { testing::send_text(*this, "PUT"); }
  void do_DELETE() override { testing::send_text(*this, "DELETE"); }
  void do_CONNECT() override { testing::send_text(*this, "CONNECT"); }
  void do_OPTIONS() override { testing::send_text(*this, "OPTIONS"); }
  void do_TRACE() override { testing::send_text(*this, "TRACE"); }
  void do_PATCH() override { testing::send_text(*this, "PATCH"); }
};

struct OnlyGet : BaseHTTPRequestHandler {
  void do_GET() override { testing::send_text(*this, "got"); }
};

TEST(Dispatch, HT_066_each_method_to_its_function) {
  const WebServer server(handler<Named>());
  for (const std::string_view method :
       {"GET", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"}) {
    EXPECT_EQ(answer_to(server, method).body, method);
  }
  EXPECT_EQ(answer_to(server, "HEAD").headers["Content-Length"], "4");
}

TEST(Dispatch, a_function_serves_every_method) {
  const WebServer server([](BaseHTTPRequestHandler& self) { send_text(self, self.command()); });
  for (const std::string_view method : {"GET", "POST", "PURGE"}) {
    EXPECT_EQ(answer_to(server, method).body, method);
  }
}

TEST(Dispatch, HT_066_get_alone) {
  const WebServer server(handler<OnlyGet>());
  EXPECT_EQ(answer_to(server, "GET").body, "got");
}

TEST(Dispatch, HT_067_other_methods_are_501) {
  const WebServer server(handler<OnlyGet>());
  for (const std::string method : {"FOO", "get", "GETs", "custom", "POST", "HEAD"}) {
    const Answer answer = answer_to(server, method);
    EXPECT_EQ(answer.status_line, "HTTP/1.1 501 Unsupported method ('" + method + "')");
    EXPECT_EQ(answer.headers["Connection"], "close");
  }
}

TEST(Dispatch, HT_068_registered_method) {
  struct Spam : OnlyGet {
    bool dispatch(std::string_view command) override {
      if (command != "SPAM") return OnlyGet::dispatch(command);
      testing::send_text(*this, "eggs");
      return true;
    }
  };
  const WebServer server(handler<Spam>());
  EXPECT_EQ(answer_to(server, "SPAM").body, "eggs");
  EXPECT_EQ(answer_to(server, "GET").body, "got");
  EXPECT_EQ(answer_to(server, "EGGS").status, 501);
}

TEST(Dispatch, HT_069_one_function_for_three_methods) {
  struct Same : BaseHTTPRequestHandler {
    void do_GET() override { testing::send_text(*this, "same"); }
    void do_HEAD() override { do_GET(); }
    void do_POST() override { do_GET(); }
  };
  const WebServer server(handler<Same>());
  EXPECT_EQ(answer_to(server, "GET").body, "same");
  EXPECT_EQ(answer_to(server, "POST").body, "same");
  const Answer head = answer_to(server, "HEAD");
  EXPECT_EQ(head.headers["Content-Length"], "4");
}

TEST(Dispatch, HT_070_attributes_are_no_methods) {
  const WebServer server(handler<OnlyGet>());
  EXPECT_EQ(answer_to(server, "__class__").status, 501);
}

TEST(Dispatch, HT_071_markup_is_escaped) {
  const WebServer server(handler<OnlyGet>());
  const Answer answer = answer_to(server, "<script>alert(\"hello\")</script>");
  EXPECT_EQ(answer.status, 501);
  EXPECT_THAT(answer.body, HasSubstr("&lt;script&gt;alert(\"hello\")&lt;/script&gt;"));
  EXPECT_THAT(answer.body, ::testing::Not(HasSubstr("<script>")));
}

TEST(Dispatch, HT_072_quotes) {
  const WebServer server(handler<OnlyGet>());
  EXPECT_EQ(answer_to(server, "F'O").status_line, "HTTP/1.1 501 Unsupported method (\"F'O\")");
}

TEST(Dispatch, HT_072_bytes_that_a_status_line_cannot_hold) {
  const WebServer server(handler<OnlyGet>());
  EXPECT_EQ(answer_to(server, "F\xe9\x01").status_line,
            "HTTP/1.1 501 Unsupported method ('F\\xe9\\x01')");
}

TEST(Dispatch, HT_073_method_that_throws) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.end_headers();
    self.wfile() << "half an answer";
    throw std::runtime_error("boom");
  });
  EXPECT_EQ(server.ask(request_with("GET")), "");
  EXPECT_TRUE(server.log().has("boom", LogLevel::error));
}

TEST(Dispatch, HT_073_whole_answer_that_has_not_left_is_dropped_too) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    send_text(self, "whole");
    throw std::runtime_error("boom");
  });
  EXPECT_EQ(server.ask(request_with("GET")), "");
}

TEST(Dispatch, HT_073_earlier_answers_still_leave) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    if (self.path() == "/bad") throw std::runtime_error("boom");
    send_text(self, "good");
  });
  RawClient client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /bad HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).body, "good");
  EXPECT_TRUE(client.at_eof());
}

TEST(Dispatch, HT_073_half_an_answer_does_not_look_whole) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.end_headers();
    self.wfile() << "half";
    self.wfile().flush();
    throw std::runtime_error("boom");
  });
  RawClient client = server.connect();
  client.send(request_with("GET"));
  EXPECT_THROW(read_answer(client), std::runtime_error);
}

TEST(Dispatch, HT_074_written_bytes_leave_when_the_method_returns) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.end_headers();
    self.wfile() << "x";
  });
  RawClient client = server.connect();
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).body, "x");
}

}  // namespace
}  // namespace socketserver::testing
