// The limits on HTTP clients, each under every engine: what the one gets who is over it.

#include <gmock/gmock.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <socketserver/base/error.hpp>

#include "tests/matrix/http_fixture.hpp"

namespace socketserver::matrix {
namespace {

using std::chrono_literals::operator""s;

template <class ServerUnderTest>
class HTTPLimits : public HTTPEngine<ServerUnderTest> {
 protected:
  /// The version and status that a server with these limits answers `request` with.
  std::string status(const Limits& limits, std::string_view request) {
    const auto server = this->made(limits);
    const ServerThread running(*server, 1h);
    RawClient client(server->server_address());
    client.send(request);
    const std::string line = client.read_until("\r\n");
    EXPECT_THAT(client.read_until("\r\n\r\n"), ::testing::HasSubstr("Connection: close\r\n"));
    return line.substr(0, line.find(' ') + 4);
  }
};
TYPED_TEST_SUITE(HTTPLimits, Servers, ServerNames);

constexpr std::string_view kPost = "POST / HTTP/1.1\r\nHost: x\r\n";

std::string with_length(std::size_t length) {
  return std::string(kPost) + "Content-Length: " + std::to_string(length) + "\r\n\r\n";
}

/// How many bytes there are up to the end, be that a close or a reset.
///
/// @param rest  milliseconds between two reads.
std::size_t read_to_any_end(RawClient& client, int rest = 0) {
  std::size_t size = 0;
  std::string block(65'536, ' ');
  for (;;) {
    if (rest > 0) ::poll(nullptr, 0, rest);
    const IoResult result = client.socket().read_some(block, Deadline::after(testing::kPatience));
    EXPECT_NE(result.ec, std::errc::timed_out);
    if (result.ec || result.n == 0) return size;
    size += result.n;
  }
}

// Connections

TYPED_TEST(HTTPLimits, connections_that_wait_count) {
  const auto server = this->made({.max_connections = 2, .lingering_timeout = 20ms});
  const ServerThread running(*server);
  RawClient silent(server->server_address());
  RawClient idle(server->server_address());
  idle.send(get("/"));
  EXPECT_EQ(body(idle), "/");
  RawClient third(server->server_address());
  third.send(get("/third"));
  EXPECT_EQ(third.read_until("\r\n"), "HTTP/1.1 503 Service Unavailable\r\n");
  EXPECT_THAT(third.read_until("\r\n\r\n"), ::testing::HasSubstr("Retry-After: "));
  EXPECT_TRUE(third.at_eof());
  silent.half_close();
  EXPECT_TRUE(silent.at_eof());
  testing::wait_until("there is room for another", [&] {
    RawClient fourth(server->server_address());
    fourth.send(get("/fourth"));
    return fourth.read_until("\r\n").starts_with("HTTP/1.1 200 ");
  });
}

TYPED_TEST(HTTPLimits, who_is_refused_need_not_have_asked) {
  const auto server = this->made({.max_connections = 1});
  const ServerThread running(*server);
  RawClient first(server->server_address());
  first.send(get("/"));
  EXPECT_EQ(body(first), "/");
  for (int i = 0; i < 40; ++i) {  // more than are kept for a moment
    RawClient over(server->server_address());
    EXPECT_EQ(over.read_until(" 503 "), "HTTP/1.1 503 ");
  }
  first.send(get("/again"));
  EXPECT_EQ(body(first), "/again");
}

TYPED_TEST(HTTPLimits, connections_that_wait_count_for_their_address) {
  const auto server = this->made({.max_connections_per_ip = 2});
  const ServerThread running(*server);
  RawClient silent(server->server_address());
  RawClient idle(server->server_address());
  idle.send(get("/"));
  EXPECT_EQ(body(idle), "/");
  RawClient third(server->server_address());
  expect_silent_end(third);
  silent.half_close();
  testing::wait_until("there is room for another", [&] {
    RawClient fourth(server->server_address());
    fourth.send("GET / HTTP/1.0\r\n\r\n");
    try {
      return !fourth.read_all().empty();
    } catch (const OSError&) {
      return false;
    }
  });
}

TYPED_TEST(HTTPLimits, no_more_handlers_run_at_once) {
  if constexpr (std::derived_from<TypeParam, ForkingHTTPServer>) {
    GTEST_SKIP() << "a child waits with its connection";
  }
  const auto server = this->made({.max_concurrent_requests = 1}, 1);
  const ServerThread running(*server);
  RawClient first(server->server_address());
  RawClient second(server->server_address());
  for (RawClient* client : {&first, &second}) {
    client->send(get("/"));
    EXPECT_EQ(body(*client), "/");
  }
  first.send(get("/gate"));
  this->stage.journal.wait_for("gate");
  second.send(get("/later"));
  EXPECT_FALSE(has_something_to_read(second, 50));
  this->stage.go_on.open();
  EXPECT_EQ(body(first), "/gate");
  EXPECT_EQ(body(second), "/later");
}

// The head of a request

TYPED_TEST(HTTPLimits, request_line_bytes) {
  const Limits limits{.request_line_bytes = 64};
  const std::string longest = "GET /" + std::string(64 - 16, 'a') + " HTTP/1.1\r\n";
  ASSERT_EQ(longest.size(), 64);
  constexpr std::string_view kRest = "Host: x\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(this->status(limits, longest + std::string(kRest)), "HTTP/1.1 200");
  EXPECT_EQ(this->status(limits, "GET /a" + longest.substr(5) + std::string(kRest)),
            "HTTP/1.1 414");
}

TYPED_TEST(HTTPLimits, header_bytes) {
  const std::string headers = "Host: x\r\nConnection: close\r\nX: " + std::string(20, 'x') + "\r\n";
  const std::string request = "GET / HTTP/1.1\r\n" + headers + "\r\n";
  EXPECT_EQ(this->status({.header_bytes = headers.size() + 2}, request), "HTTP/1.1 200");
  EXPECT_EQ(this->status({.header_bytes = headers.size() - 1}, request), "HTTP/1.1 431");
}

TYPED_TEST(HTTPLimits, header_count) {
  const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: x\r\n\r\n";
  EXPECT_EQ(this->status({.header_count = 3}, request), "HTTP/1.1 200");
  EXPECT_EQ(this->status({.header_count = 2}, request), "HTTP/1.1 431");
}

TYPED_TEST(HTTPLimits, a_request_that_stops_halfway_is_answered) {
  const auto server = this->made({.header_timeout = 20ms});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send("GET / HT");
  body(client, "HTTP/1.1 408 ");
  EXPECT_TRUE(client.at_eof());
}

TYPED_TEST(HTTPLimits, header_timeout_is_not_put_off_by_bytes) {
  const auto server = this->made({.header_timeout = 100ms});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send("GET / HTTP/1.1\r\nX: ");
  int bytes = 0;
  for (; !has_something_to_read(client, 5); ++bytes) client.send("x");
  EXPECT_GT(bytes, 2);
  body(client, "HTTP/1.1 408 ");
}

// The body

TYPED_TEST(HTTPLimits, body_bytes_announced) {
  EXPECT_EQ(this->status({.body_bytes = 10}, with_length(11)), "HTTP/1.1 413")
      << "although nothing of it was sent";
}

TYPED_TEST(HTTPLimits, body_bytes_of_chunks) {
  const std::string head = std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(this->status({.body_bytes = 10}, head + "6\r\nabcdef\r\n5\r\nabcde\r\n"),
            "HTTP/1.1 413");
  const auto server = this->made({.body_bytes = 10});
  const ServerThread running(*server);
  RawClient client(server->server_address());
  client.send(head + "6\r\nabcdef\r\n4\r\nabcd\r\n0\r\n\r\n");
  EXPECT_EQ(body(client), "abcdefabcd");
}

TYPED_TEST(HTTPLimits, io_progress_timeout_of_a_body) {
  EXPECT_EQ(this->status({.io_progress_timeout = 20ms}, with_length(5) + "hell"), "HTTP/1.1 408");
}

TYPED_TEST(HTTPLimits, io_progress_timeout_counts_from_the_last_byte) {
  const auto server = this->made({.io_progress_timeout = 1s});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send(with_length(250));
  const auto start = Deadline::Clock::now();
  for (int i = 0; i < 250; ++i) {
    ASSERT_FALSE(has_something_to_read(client, 5));
    client.send("x");
  }
  EXPECT_GT(Deadline::Clock::now() - start, 1s);
  EXPECT_EQ(body(client), std::string(250, 'x'));
}

TYPED_TEST(HTTPLimits, min_rate_of_a_body) {
  const auto server = this->made({.min_rate = 1'000'000, .min_rate_span = 50ms});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send(with_length(100'000));
  while (!has_something_to_read(client, 5)) client.send("x");
  body(client, "HTTP/1.1 408 ");
}

TYPED_TEST(HTTPLimits, min_rate_of_chunks) {
  const auto server = this->made({.min_rate = 1'000'000, .min_rate_span = 50ms});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send(std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n");
  while (!has_something_to_read(client, 5)) client.send("1\r\nx\r\n");
  body(client, "HTTP/1.1 408 ");
}

TYPED_TEST(HTTPLimits, who_takes_nothing_is_cut_off) {
  int cuts = 0;
  for (const Limits& limits :
       {Limits{.io_progress_timeout = 50ms},
        Limits{.io_progress_timeout = 1h, .min_rate = 1, .min_rate_span = 50ms}}) {
    const auto server = this->made(limits);
    const ServerThread running(*server, 1h);
    RawClient client(server->server_address());
    client.send(get("/large"));
    this->stage.journal.wait_for("cut", ++cuts);
    EXPECT_LT(read_to_any_end(client), kLarge);
  }
}

TYPED_TEST(HTTPLimits, min_rate_of_an_answer) {
  const auto server = this->made({.min_rate = 1'000'000'000, .min_rate_span = 50ms});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send(get("/large"));
  EXPECT_LT(read_to_any_end(client, 1), kLarge);
  EXPECT_EQ(this->stage.journal.count("cut"), 1);
}

TYPED_TEST(HTTPLimits, min_rate_lets_the_quick_pass) {
  const auto server = this->made({.min_rate = 1, .min_rate_span = 10s});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send(with_length(50'000));
  client.send(std::string(50'000, 'x'));
  client.read_until("\r\n0\r\n\r\n");
  client.send(get("/large"));
  client.read_until("\r\n0\r\n\r\n");
}

// Between requests

TYPED_TEST(HTTPLimits, a_connection_without_a_request_ends_in_silence) {
  const auto server = this->made({.first_byte_timeout = 20ms, .keep_alive_timeout = 1h});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  expect_silent_end(client);
  EXPECT_EQ(this->stage.journal.count("handler"), 0);
}

TYPED_TEST(HTTPLimits, an_idle_connection_ends_in_silence) {
  const auto server = this->made({.first_byte_timeout = 1h, .keep_alive_timeout = 70ms});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send(get("/"));
  EXPECT_EQ(body(client), "/");
  expect_silent_end(client);
}

TYPED_TEST(HTTPLimits, keep_alive_requests) {
  const auto server = this->made({.keep_alive_requests = 2});
  const ServerThread running(*server);
  RawClient client(server->server_address());
  client.send(get("/one"));
  EXPECT_EQ(body(client), "/one");
  client.send(get("/two"));
  EXPECT_EQ(body(client, "Connection: close"), "/two");
  EXPECT_TRUE(client.at_eof());
}

TYPED_TEST(HTTPLimits, lingering_bytes) {
  for (const bool fits : {true, false}) {
    const auto server = this->made({.lingering_bytes = fits ? 10u : 9u});
    const ServerThread running(*server);
    RawClient client(server->server_address());
    client.send("GET /one HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
    EXPECT_EQ(body(client), "/one");
    if (!fits) {
      EXPECT_TRUE(client.at_eof());
      continue;
    }
    client.send(get("/two"));
    EXPECT_EQ(body(client), "/two");
  }
}

TYPED_TEST(HTTPLimits, lingering_timeout) {
  const auto server = this->made({.io_progress_timeout = 1h, .lingering_timeout = 20ms});
  const ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send("GET /one HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n");
  EXPECT_EQ(body(client), "/one");
  EXPECT_TRUE(client.at_eof());
}

TYPED_TEST(HTTPLimits, drain_grace) {
  const auto server = this->made({.drain_grace = 50ms});
  ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send(get("/large"));
  client.read_until("\r\n\r\n");
  const auto start = Deadline::Clock::now();
  running.stop();
  const auto took = Deadline::Clock::now() - start;
  EXPECT_GE(took, 40ms);
  EXPECT_LT(took, testing::kPatience / 2);
  EXPECT_LT(read_to_any_end(client), kLarge);
}

}  // namespace
}  // namespace socketserver::matrix
