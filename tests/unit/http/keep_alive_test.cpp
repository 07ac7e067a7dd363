#include <chrono>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scripted_peer.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kNext = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";

/// Whether the server serves another request on this connection.
void expect_open(RawClient& client) {
  client.send(kNext);
  EXPECT_THAT(read_answer(client).body, HasSubstr("path=/next\n"));
}

StreamHandler http10(std::function<void(BaseHTTPRequestHandler&)> method) {
  return handler<ScriptedHandler>({.method = std::move(method), .protocol_version = "HTTP/1.0"});
}

TEST(KeepAlive, HT_045_server_of_http10_closes) {
  const WebServer server(http10([](BaseHTTPRequestHandler& self) { send_text(self, "hi"); }));
  const std::string wire = without_dates(server.ask(kNext));
  EXPECT_EQ(wire,
            "HTTP/1.0 200 OK\r\nServer: BaseHTTP/0.6 C++/20\r\nDate: now\r\n"
            "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi");
}

TEST(KeepAlive, HT_045_server_of_http10_adds_nothing) {
  const WebServer server(http10([](BaseHTTPRequestHandler& self) {
    self.send_response_only(200);
    self.end_headers();
    self.wfile() << "hi";
  }));
  EXPECT_EQ(server.ask(kNext), "HTTP/1.0 200 OK\r\n\r\nhi");
}

TEST(KeepAlive, HT_046_stays_open) {
  const WebServer server(echo_request);
  RawClient client = server.connect();
  for (int i = 0; i < 3; ++i) expect_open(client);
}

TEST(KeepAlive, HT_047_client_closes) {
  const WebServer server(echo_request);
  for (const std::string value : {"close", "CLOSE", "Close"}) {
    std::string wire = server.ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: " + value + "\r\n\r\n");
    EXPECT_EQ(take_answer(wire).headers["Connection"], "close") << value;
    EXPECT_EQ(wire, "");
  }
}

TEST(KeepAlive, HT_048_close_in_a_list) {
  const WebServer server(echo_request);
  std::string wire = server.ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: close, TE\r\n\r\n");
  EXPECT_EQ(take_answer(wire).headers["Connection"], "close");
}

TEST(KeepAlive, HT_049_client_of_http10) {
  const WebServer server(echo_request);
  std::string wire = server.ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(take_answer(wire).headers["Connection"], "close");

  RawClient client = server.connect();
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(read_answer(client).headers["Connection"], "keep-alive");
  expect_open(client);
}

TEST(KeepAlive, HT_050_server_of_http10_does_not_listen_to_it) {
  const WebServer server(http10([](BaseHTTPRequestHandler& self) { send_text(self, "hi"); }));
  EXPECT_THAT(server.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
              EndsWith("\r\n\r\nhi"));
}

TEST(KeepAlive, HT_051_handler_closes) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.send_header("Connection", "close");
    self.end_headers();
  });
  std::string wire = server.ask(kNext);
  EXPECT_EQ(take_answer(wire).headers.get_all("Connection").size(), 1);
  EXPECT_EQ(wire, "");
}

TEST(KeepAlive, HT_051_handler_keeps_open_even_with_http10) {
  const WebServer server(http10([](BaseHTTPRequestHandler& self) {
    self.send_response(204);
    if (self.path() != "/last") self.send_header("Connection", "keep-alive");
    self.end_headers();
  }));
  RawClient client = server.connect();
  client.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 204);
  client.send("GET /last HTTP/1.0\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 204);
  EXPECT_TRUE(client.at_eof());
}

TEST(KeepAlive, HT_051_handler_sets_close_connection) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    EXPECT_FALSE(self.close_connection());
    self.close_connection(true);
    send_text(self, "hi");
  });
  EXPECT_THAT(server.ask(kNext), EndsWith("\r\n\r\nhi"));
}

TEST(KeepAlive, HT_052_pipelined_answers_in_order) {
  const WebServer server(echo_request);
  RawClient client = server.connect();
  client.send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody"
      "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(read_answer(client).body, HasSubstr("path=/1\n"));
  EXPECT_THAT(read_answer(client).body, EndsWith("\nbody"));
  EXPECT_THAT(read_answer(client).body, HasSubstr("path=/3\n"));
}

TEST(KeepAlive, HT_052_pipelined_answers_leave_together) {
  IdleServer server(echo_request);
  std::string requests;
  for (int i = 0; i < 20; ++i) requests += kNext;
  ScriptedPeer peer({requests, std::string(kNext)});
  std::string wire = peer.run(server);
  for (int i = 0; i < 21; ++i) EXPECT_EQ(take_answer(wire).status, 200);
  // Twenty, the last one, the end of the stream.
  EXPECT_EQ(peer.waits().size(), 3);
}

TEST(KeepAlive, HT_053_handle_calls_handle_one_request_until_closed) {
  struct Counting : BaseHTTPRequestHandler {
    explicit Counting(int* calls_) : calls(calls_) {}
    void handle_one_request() override { close_connection(++*calls == 3); }
    int* const calls;
  };
  int calls = 0;
  IdleServer server(handler<Counting>(&calls));
  serve(server, {});
  EXPECT_EQ(calls, 3);
}

TEST(KeepAlive, HT_054_send_error_closes) {
  const WebServer server([](BaseHTTPRequestHandler& self) { self.send_error(404); });
  std::string wire = server.ask(kNext);
  EXPECT_EQ(take_answer(wire).headers["Connection"], "close");
  EXPECT_EQ(wire, "");
}

class UnreadBody : public ::testing::Test {
 protected:
  static void answer(BaseHTTPRequestHandler& self) { send_text(self, self.path()); }

  WebServer server{answer};
};

TEST_F(UnreadBody, HT_055_is_skipped) {
  RawClient client = server.connect();
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello" + std::string(kNext));
  EXPECT_EQ(read_answer(client).body, "/1");
  EXPECT_EQ(read_answer(client).body, "/next");
}

TEST_F(UnreadBody, HT_055_is_skipped_when_it_comes_late) {
  RawClient client = server.connect();
  client.send("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(read_answer(client).body, "/1");
  client.send("hello" + std::string(kNext));
  EXPECT_EQ(read_answer(client).body, "/next");
}

TEST_F(UnreadBody, HT_055_chunked_is_skipped) {
  RawClient client = server.connect();
  client.send(
      "POST /1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\n\r\n" +
      std::string(kNext));
  EXPECT_EQ(read_answer(client).body, "/1");
  EXPECT_EQ(read_answer(client).body, "/next");
}

TEST_F(UnreadBody, HT_055_is_too_long_to_skip) {
  RawClient client = server.connect();
  client.send("POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n" +
              std::string(70000, 'x') + std::string(kNext));
  EXPECT_EQ(read_answer(client).body, "/1");
  EXPECT_TRUE(client.at_eof());
}

TEST_F(UnreadBody, HT_055_partly_read) {
  const WebServer partly([](BaseHTTPRequestHandler& self) {
    send_text(self, self.command() == "POST" ? self.rfile().read(3) : "next");
  });
  RawClient client = partly.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n12345678" +
              std::string(kNext));
  EXPECT_EQ(read_answer(client).body, "123");
  EXPECT_EQ(read_answer(client).body, "next");
}

TEST(KeepAlive, HT_056_handler_that_sends_nothing) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    if (self.path() == "/next") echo_request(self);
  });
  RawClient client = server.connect();
  client.send("GET /silence HTTP/1.1\r\nHost: x\r\n\r\n");
  expect_open(client);
  EXPECT_TRUE(server.log().has("the method for 'GET' sent no response"));
}

TEST(KeepAlive, a_body_that_is_shorter_than_announced) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(200);
    self.send_header("Content-Length", "10");
    self.end_headers();
    self.wfile() << "abc";
  });
  RawClient client = server.connect();
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client, "HEAD").headers["Content-Length"], "10");
  EXPECT_FALSE(server.log().has("less than its Content-Length"));
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.read_all().ends_with("\r\n\r\nabc"));
  server.log().wait_for("the method for 'GET' wrote less than its Content-Length");
}

TEST(KeepAlive, HT_057_forgotten_end_headers) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(204);
    self.send_header(self.path() == "/1" ? "X-First" : "X-Second", "yes");
    if (self.path() != "/1") self.end_headers();
  });
  RawClient client = server.connect();
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).headers["X-First"], "yes");
  const Answer second = read_answer(client);
  EXPECT_EQ(second.headers["X-Second"], "yes");
  EXPECT_FALSE(second.headers.contains("X-First"));
  EXPECT_TRUE(server.log().has("did not call end_headers()"));
}

TEST(KeepAlive, HT_058_handlers_timeout_closes_idle_connections) {
  WebServer server(handler<ScriptedHandler>({.method = echo_request, .timeout = 50ms}));
  RawClient client = server.connect();
  expect_open(client);
  EXPECT_TRUE(client.at_eof());
  EXPECT_TRUE(server.log().has("] Request timed out"));
}

TEST(KeepAlive, HT_059_end_of_stream_between_requests) {
  WebServer server(echo_request);
  RawClient client = server.connect();
  expect_open(client);
  client.half_close();
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server.log().messages(LogLevel::debug).size(), 1);  // the request's line
}

TEST(KeepAlive, HT_060_answers_without_body) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    if (self.path() == "/next") return echo_request(self);
    self.send_response(self.path() == "/204" ? 204 : 304);
    self.end_headers();
    self.wfile() << "what must not be sent";
  });
  RawClient client = server.connect();
  for (const std::string path : {"/204", "/304"}) {
    client.send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    const Answer answer = read_answer(client);
    EXPECT_EQ("/" + std::to_string(answer.status), path);
    EXPECT_FALSE(answer.headers.contains("Content-Length"));
    EXPECT_FALSE(answer.headers.contains("Transfer-Encoding"));
    expect_open(client);
  }
}

TEST(KeepAlive, reset_content_is_an_empty_answer) {
  IdleServer server([](BaseHTTPRequestHandler& self) {
    self.send_response(205);
    self.end_headers();
    self.wfile() << "no content is allowed";
  });
  std::string wire = serve(server, {"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.0\r\n\r\n"});
  for (int i = 0; i < 2; ++i) {
    const Answer answer = take_answer(wire);
    EXPECT_EQ(answer.status, 205);
    EXPECT_EQ(answer.headers["Content-Length"], "0");
    EXPECT_EQ(answer.body, "");
  }
  EXPECT_EQ(wire, "");
}

TEST(KeepAlive, ends_after_the_most_requests) {
  Limits limits;
  limits.keep_alive_requests = 3;
  const WebServer server(echo_request, limits);
  RawClient client = server.connect();
  client.send(std::string(kNext) + std::string(kNext) + std::string(kNext) + std::string(kNext));
  EXPECT_FALSE(read_answer(client).headers.contains("Connection"));
  EXPECT_FALSE(read_answer(client).headers.contains("Connection"));
  EXPECT_EQ(read_answer(client).headers["Connection"], "close");
  EXPECT_TRUE(client.at_eof());
}

TEST(KeepAlive, any_number_of_requests_without_the_limit) {
  Limits limits;
  limits.keep_alive_requests = 0;
  const WebServer server(echo_request, limits);
  RawClient client = server.connect();
  for (int i = 0; i < 5; ++i) expect_open(client);
}

}  // namespace
}  // namespace socketserver::testing
