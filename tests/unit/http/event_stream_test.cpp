#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <socketserver/http/event_stream.hpp>
#include <socketserver/http/server.hpp>
#include <socketserver/server/fiber_mixin.hpp>
#include <socketserver/server/thread_pool_mixin.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>
#include <string>
#include <vector>

#include "answer.hpp"
#include "scripted_peer.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

/// The next chunk's content.
std::string next_chunk(RawClient& client) {
  const std::size_t size = std::stoul(client.read_until("\r\n"), nullptr, 16);
  std::string chunk = client.read(size);
  client.read_until("\r\n");
  return chunk;
}

/// Streams that do nothing but wait, and what became of them.
struct Waiting {
  std::atomic<int> begun = 0;
  std::atomic<int> over = 0;

  auto function() {
    return [this](BaseHTTPRequestHandler& self) {
      http::EventStream events(self);
      events.send("hello");
      ++begun;
      while (events.wait(1h)) continue;
      EXPECT_FALSE(events.is_open());
      EXPECT_FALSE(events.send("too late"));
      ++over;
    };
  }
};

template <class Server>
class EventStreams : public ::testing::Test {};

using StreamingServers = ::testing::Types<HTTPServer, ThreadingHTTPServer,
                                          ThreadPoolMixIn<HTTPServer>, FiberMixIn<HTTPServer>>;
TYPED_TEST_SUITE(EventStreams, StreamingServers);

TYPED_TEST(EventStreams, events_arrive_when_they_are_sent) {
  TestServer<TypeParam> server(
      [](BaseHTTPRequestHandler& self) {
        http::EventStream events(self);
        EXPECT_EQ(events.last_event_id(), "6");
        EXPECT_TRUE(events.send({.data = "a\nb", .event = "tick", .id = "7"}));
        EXPECT_TRUE(events.wait(1ms));
        EXPECT_TRUE(events.comment("still here"));
        // Ends when the client does.
        EXPECT_FALSE(events.wait(1h));
      },
      quiet());
  RawClient client(server.address());
  client.send("GET / HTTP/1.1\r\nHost: x\r\nLast-Event-ID: 6\r\n\r\n");
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("\r\nContent-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nCache-Control: no-store\r\n"), std::string::npos);
  EXPECT_EQ(next_chunk(client), "event: tick\nid: 7\ndata: a\ndata: b\n\n");
  EXPECT_EQ(next_chunk(client), ": still here\n\n");
}

TYPED_TEST(EventStreams, end_when_the_client_goes) {
  Waiting waiting;
  TestServer<TypeParam> server(waiting.function(), quiet());
  {
    RawClient client(server.address());
    client.send(kGet);
    client.read_until("hello");
  }
  wait_until("the stream is over", [&] { return waiting.over == 1; });
}

TYPED_TEST(EventStreams, end_at_once_when_the_server_stops) {
  Waiting waiting;
  TestServer<TypeParam> server(waiting.function(), quiet());
  RawClient client(server.address());
  client.send(kGet);
  client.read_until("hello");
  wait_until("the stream waits", [&] { return waiting.begun == 1; });
  const auto before = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - before, 8s) << "less than the grace of a stop";
  EXPECT_EQ(waiting.over, 1);
  EXPECT_TRUE(client.read_all().ends_with("0\r\n\r\n")) << "a proper end";
}

TEST(EventStream, many_under_fibers_on_one_thread) {
  Waiting waiting;
  TestServer<FiberMixIn<HTTPServer>> server(waiting.function(), quiet());
  std::vector<RawClient> clients;
  for (int i = 0; i < 50; ++i) {
    clients.emplace_back(server.address()).send(kGet);
  }
  for (RawClient& client : clients) client.read_until("hello");
  wait_until("all wait", [&] { return waiting.begun == 50; });
  EXPECT_EQ(waiting.over, 0);
}

TEST(EventStream, a_heart_beats_while_nothing_happens) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    http::EventStream events(self, 1ms);
    events.wait(1h);
  });
  RawClient client = server.connect();
  client.send(kGet);
  client.read_until("\r\n\r\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(next_chunk(client), ": \n\n");
}

TEST(EventStream, what_a_client_sends_meanwhile_is_its_next_request) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    http::EventStream events(self);
    events.wait(1ms);
    events.send(self.path());
  });
  RawClient client = server.connect();
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).body, "data: /1\n\n");
  EXPECT_EQ(read_answer(client).body, "data: /2\n\n");
}

TEST(EventStream, a_client_that_talks_and_talks_is_not_listened_to) {
  std::string chatter(10'000, 'x');
  WebServer server([](BaseHTTPRequestHandler& self) {
    http::EventStream events(self);
    EXPECT_TRUE(events.wait(1ms));
    EXPECT_TRUE(events.wait(1ms));
    events.send("done");
  });
  RawClient client = server.connect();
  client.send(std::string(kGet) + chatter);
  client.read_until("data: done");
}

TEST(EventStream, to_head_is_over_from_the_beginning) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    http::EventStream events(self);
    EXPECT_FALSE(events.is_open());
    EXPECT_FALSE(events.wait(1h));
    EXPECT_FALSE(events.send("x"));
  });
  RawClient client = server.connect();
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client, "HEAD").headers["Content-Type"], "text/event-stream");
}

TEST(EventStream, to_http10_ends_with_its_connection) {
  IdleServer server([](BaseHTTPRequestHandler& self) {
    http::EventStream events(self);
    events.send("a");
    events.send("b");
  });
  std::string wire = serve(server, {"GET / HTTP/1.0\r\n\r\n"});
  const Answer answer = take_answer(wire);
  EXPECT_FALSE(answer.headers.contains("Transfer-Encoding"));
  EXPECT_EQ(answer.body, "data: a\n\ndata: b\n\n");
}

}  // namespace
}  // namespace socketserver::testing
