#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <socketserver/http/event_stream.hpp>
#include <socketserver/http/memory_exchange.hpp>
#include <socketserver/http/request_error.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "decode.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

/// The exchange after a handler of this function has served it.
http::MemoryExchange after(http::MemoryExchange::Request request,
                           std::function<void(BaseHTTPRequestHandler&)> method) {
  const Script script{.method = std::move(method)};
  ScriptedHandler handler(script);
  http::MemoryExchange exchange(std::move(request));
  exchange.run(handler);
  return exchange;
}

TEST(MemoryExchange, carries_a_request_and_its_response) {
  http::Headers headers;
  headers.add("X-A", "1");
  const auto exchange =
      after({.method = "POST", .target = "//a?b", .headers = headers, .body = "body"},
            [](BaseHTTPRequestHandler& self) { echo_request(self); });
  EXPECT_EQ(exchange.response().status, 200);
  EXPECT_EQ(exchange.response().headers["Content-Type"], "text/plain");
  EXPECT_EQ(exchange.body(),
            "command=POST\npath=/a?b\nversion=HTTP/1.1\nrequestline=POST //a?b HTTP/1.1\n"
            "X-A: 1\nContent-Length: 4\n\nbody");
}

TEST(MemoryExchange, a_head_has_no_body) {
  const auto exchange = after({.method = "HEAD"}, [](auto& self) { self.send_text("hello"); });
  EXPECT_EQ(exchange.response().headers["Content-Length"], "5");
  EXPECT_EQ(exchange.body(), "");
}

TEST(MemoryExchange, errors_are_answered_as_on_a_connection) {
  EXPECT_EQ(after({}, [](auto&) { throw http::RequestError(404, "no"); }).response().status, 404);
  const auto large = after({.body = "12345"}, [](auto& self) { self.rfile().read_all(4); });
  EXPECT_EQ(large.response().status, 413);
  EXPECT_THROW(after({}, [](auto&) { throw std::runtime_error("broken"); }), std::runtime_error);
  EXPECT_THROW(after({},
                     [](BaseHTTPRequestHandler& self) {
                       self.send_response(200);
                       self.send_header("Content-Length", "1");
                       self.end_headers();
                       self.wfile() << "12";
                     }),
               std::logic_error);
}

TEST(MemoryExchange, what_a_handler_forgets_is_as_on_a_connection) {
  EXPECT_EQ(after({}, [](auto& self) { self.send_response(204); }).response().status, 204);
  EXPECT_EQ(after({}, [](auto&) {}).response().status, 0);
}

TEST(MemoryExchange, forms_and_codings_work) {
  http::Headers headers;
  headers.add("Content-Type", "application/x-www-form-urlencoded");
  headers.add("Accept-Encoding", "gzip");
  const auto exchange = after({.method = "POST", .headers = headers, .body = "a=1"},
                              [](BaseHTTPRequestHandler& self) {
                                const auto form = self.read_form();
                                self.send_response(200);
                                self.encode_body();
                                self.end_headers();
                                self.wfile() << form.fields["a"];
                              });
  EXPECT_EQ(decode("gzip", exchange.body()), "1");
}

TEST(MemoryExchange, events_can_be_tested) {
  const auto exchange = after({}, [](BaseHTTPRequestHandler& self) {
    http::EventStream events(self);
    events.send("a");
    EXPECT_TRUE(events.wait(std::chrono::milliseconds(1)));
    events.send("b");
  });
  EXPECT_EQ(exchange.body(), "data: a\n\ndata: b\n\n");
}

TEST(MemoryExchange, one_handler_serves_several) {
  const Script script{.method = [](auto& self) { self.send_text(self.path()); }};
  ScriptedHandler handler(script);
  for (const auto* target : {"/1", "/2"}) {
    http::MemoryExchange exchange({.target = target});
    exchange.run(handler);
    EXPECT_EQ(exchange.body(), target);
  }
}

}  // namespace
}  // namespace socketserver::testing
