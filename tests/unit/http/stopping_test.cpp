#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/servers.hpp>
#include <socketserver/testing/wait.hpp>

#include "scripted_peer.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

Limits with_grace(Duration grace) {
  Limits limits;
  limits.drain_grace = grace;
  return limits;
}

TEST(Stopping, idle_clients_are_closed_at_once) {
  // Longer than any test may take: nothing waits for it.
  WebServer server(echo_request, with_grace(1h));
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.address()));
    if (i % 2 == 0) continue;  // has asked for nothing yet
    clients.back()->send(kGet);
    EXPECT_EQ(read_answer(*clients.back()).status, 200);
  }
  server.stop();
  for (const auto& client : clients) EXPECT_TRUE(client->at_eof());
}

class Greeting : public BaseHTTPRequestHandler {
 protected:
  void do_GET() override { send_text("hello"); }
};

/// Tells how many connections wait without their handler.
template <class Server>
struct Telling : Server {
  using Server::parked_connections;
  using Server::Server;
};

template <class Server>
class StoppingEngines : public ::testing::Test {};

using Parking =
    ::testing::Types<HTTPServer, ThreadingHTTPServer, ThreadPoolHTTPServer, FiberHTTPServer>;
TYPED_TEST_SUITE(StoppingEngines, Parking);

TYPED_TEST(StoppingEngines, client_that_has_just_connected_may_ask) {
  // It has a moment for that: on a busy machine this client may miss it some times.
  constexpr int kTries = 100;
  bool answered = false;
  for (int i = 0; i < kTries && !answered; ++i) {
    TestServer<Telling<TypeParam>> server(handler<Greeting>(), {.log = {}});
    RawClient client(server.address());
    wait_until("it is parked", [&] { return server->parked_connections() == 1; });
    std::jthread stopping([&] { server.stop(); });
    wait_until("the stop has begun", [&] { return server->stop_requested(); });
    try {
      client.send(kGet);
      answered = read_answer(client).body == "hello";
    } catch (const std::exception&) {
      // Its moment was over.
    }
  }
  EXPECT_TRUE(answered);
}

TEST(Stopping, request_that_is_being_served_is_answered_and_the_last_one) {
  Event started("the request is being served");
  Event stopping("the server is stopping");
  WebServer server(
      [&](BaseHTTPRequestHandler& self) {
        started.set();
        stopping.wait();
        send_text(self, "served");
      },
      with_grace(1h));
  RawClient client = server.connect();
  client.send(kGet);
  started.wait();
  server.server().shutdown();
  stopping.set();
  const Answer answer = read_answer(client);
  EXPECT_EQ(answer.body, "served");
  EXPECT_EQ(answer.headers["Connection"], "close");
  EXPECT_TRUE(client.at_eof());
}

TEST(Stopping, request_that_is_still_arriving_is_served_too) {
  Event started("the body is being read");
  WebServer server(
      [&](BaseHTTPRequestHandler& self) {
        const std::string first = self.rfile().read(1);
        started.set();
        send_text(self, first + self.rfile().read(4));
      },
      with_grace(1h));
  RawClient client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nh");
  started.wait();
  server.server().shutdown();
  client.send("ello");
  const Answer answer = read_answer(client);
  EXPECT_EQ(answer.body, "hello");
  EXPECT_EQ(answer.headers["Connection"], "close");
}

TEST(Stopping, body_that_was_asked_for_is_waited_for) {
  WebServer server(echo_request, with_grace(1h));
  RawClient client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 100);
  server.server().shutdown();
  client.send("hello");
  const Answer answer = read_answer(client);
  EXPECT_THAT(answer.body, ::testing::EndsWith("\n\nhello"));
  EXPECT_EQ(answer.headers["Connection"], "close");
}

TEST(Stopping, only_clients_without_a_request_count_as_idle) {
  const std::string get(kGet);
  const std::string post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n";
  struct Case {
    const char* name;
    std::vector<std::string> packets;
    std::vector<bool> idle;  // each wait for a packet, and the one for the end of the stream
  };
  const std::vector<Case> cases = {
      {"two requests", {get, get}, {true, true, true}},
      {"half a head", {"GET / HT", "TP/1.1\r\nHost: x\r\n\r\n"}, {true, false, true}},
      {"half a head behind an answer", {get + "G", get.substr(1)}, {true, false, true}},
      {"half a body", {post + "\r\nhel", "lo"}, {true, false, true}},
      {"a body behind an answer", {get + post + "\r\n", "hello"}, {true, false, true}},
      {"a body that was asked for",
       {post + "Expect: 100-continue\r\n\r\n", "hello"},
       {true, false, true}},
  };
  IdleServer server(echo_request);
  for (const Case& c : cases) {
    ScriptedPeer peer(c.packets);
    peer.run(server);
    std::vector<bool> idle;
    for (const ScriptedPeer::Wait& wait : peer.waits()) idle.push_back(wait.idle);
    EXPECT_EQ(idle, c.idle) << c.name;
  }
}

TEST(Stopping, pipelined_requests_that_have_arrived) {
  Event started("the first request is being served");
  Event stopping("the server is stopping");
  WebServer server(
      [&](BaseHTTPRequestHandler& self) {
        started.set();
        stopping.wait();
        send_text(self, self.path());
      },
      with_grace(1h));
  RawClient client = server.connect();
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  started.wait();
  server.server().shutdown();
  stopping.set();
  // The first answer is the last one.
  const Answer answer = read_answer(client);
  EXPECT_EQ(answer.body, "/1");
  EXPECT_EQ(answer.headers["Connection"], "close");
  EXPECT_TRUE(client.at_eof());
}

TEST(Stopping, client_that_dawdles_is_cut_short_after_the_grace) {
  Event started("the body is being read");
  WebServer server(
      [&](BaseHTTPRequestHandler& self) {
        self.rfile().read(1);
        started.set();
        self.rfile().read(1);
      },
      with_grace(50ms));
  RawClient client = server.connect();
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nh");
  started.wait();
  server.stop();
  EXPECT_EQ(client.read_all(), "");
  EXPECT_FALSE(server.log().has("Exception"));
}

TEST(Stopping, half_a_request_is_cut_short_after_the_grace) {
  WebServer server(echo_request, with_grace(50ms));
  RawClient client = server.connect();
  client.send(std::string(kGet) + "GET / HT");
  EXPECT_EQ(read_answer(client).status, 200);
  server.stop();
  EXPECT_EQ(client.read_all(), "");
}

TEST(Stopping, handler_may_stop_the_server) {
  WebServer server([](BaseHTTPRequestHandler& self) {
    send_text(self, "bye");
    self.server().shutdown();
  });
  EXPECT_EQ(server.get("/").body, "bye");
  server.stop();
}

TEST(Stopping, server_can_serve_again) {
  HTTPServer server({"127.0.0.1", 0}, echo_request, [] {
    ServerOptions options;
    options.log = [](LogLevel, std::string_view) {};
    return options;
  }());
  for (int i = 0; i < 2; ++i) {
    const ServerThread running(server);
    RawClient client(server.server_address());
    client.send(kGet);
    const Answer answer = read_answer(client);
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.headers.contains("Connection"));
  }
}

}  // namespace
}  // namespace socketserver::testing
