// What happens to connections when a server stops.

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::RawClient;
using testing::TestServer;

TEST(Draining, idle_connections_end_at_once_and_busy_ones_finish) {
  Event begun("a handler runs");
  Event working("a handler works on a request");
  Event go_on("the work may end");
  TestServer<ThreadingTCPServer> server([&](StreamRequestHandler& self) {
    begun.set();
    while (const auto line = self.rfile().readline()) {
      working.set();
      go_on.wait();
      self.wfile() << "answer to " << *line;
    }
  });
  const Clients idle = connected(100, server.address());
  const Clients busy = connected(3, server.address());
  begun.wait(103);
  for (const auto& client : busy) client->send("request\n");
  working.wait(3);
  server->shutdown();
  // Nobody waits for the busy ones: those may not even end yet.
  for (const auto& client : idle) EXPECT_TRUE(client->at_eof());
  go_on.set();
  for (const auto& client : busy) EXPECT_EQ(client->read_all(), "answer to request\n");
  server.stop();
}

TEST(Draining, an_idle_client_of_a_synchronous_server_does_not_hold_up_shutdown) {
  Event begun("the handler runs");
  TestServer<TCPServer> server([&](StreamRequestHandler& self) {
    begun.set();
    EXPECT_EQ(self.rfile().readline(), std::nullopt);
  });
  RawClient client(server.address());
  begun.wait();
  server.stop();
  EXPECT_TRUE(client.at_eof());
}

TEST(Draining, a_connection_is_idle_again_after_its_answer) {
  TestServer<ThreadingTCPServer> server(handler<Echo>(), {.limits = {.drain_grace = 1h}});
  RawClient client(server.address());
  client.send("request\n");
  EXPECT_EQ(client.read_until("\n"), "request\n");
  server.stop();
  EXPECT_TRUE(client.at_eof());
}

/// What a handler got that waits for the rest of a request when the server stops.
struct InterruptedRead {
  std::error_code code;
  Event waiting{"the handler waits for the rest"};

  StreamHandler handler() {
    return [this](StreamRequestHandler& self) {
      EXPECT_EQ(self.rfile().read(4), "half");
      waiting.set();
      try {
        self.rfile().read(4);
      } catch (const OSError& error) {
        code = error.code();
        throw;
      }
    };
  }
};

TEST(Draining, half_done_requests_are_cut_when_the_grace_ends) {
  InterruptedRead interrupted;
  CapturedLog log;
  const auto grace = 100ms;
  TestServer<ThreadingTCPServer> server(interrupted.handler(),
                                        {.limits = {.drain_grace = grace}, .log = log.sink()});
  RawClient client(server.address());
  client.send("half");
  interrupted.waiting.wait();
  const auto start = Deadline::Clock::now();
  server.stop();
  EXPECT_GE(Deadline::Clock::now() - start, grace);
  EXPECT_EQ(interrupted.code, std::errc::operation_canceled);
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(log.debug().size(), 1u) << "cut by us, so no error of the handler";
}

TEST(Draining, half_done_requests_may_finish_within_the_grace) {
  Event waiting("the handler waits for the rest");
  TestServer<ThreadingTCPServer> server([&](StreamRequestHandler& self) {
    std::string request = self.rfile().read(4);
    waiting.set();
    request += self.rfile().read(4);
    self.wfile() << request;
  });
  RawClient client(server.address());
  client.send("half");
  waiting.wait();
  server->shutdown();
  client.send("full");
  EXPECT_EQ(client.read_all(), "halffull");
}

TEST(Draining, no_grace_at_all) {
  InterruptedRead interrupted;
  TestServer<ThreadingTCPServer> server(interrupted.handler(),
                                        {.limits = {.drain_grace = Duration(0)}, .log = {}});
  RawClient client(server.address());
  client.send("half");
  interrupted.waiting.wait();
  server.stop();
  EXPECT_EQ(interrupted.code, std::errc::operation_canceled);
}

TEST(Draining, a_synchronous_handler_is_cut_too) {
  InterruptedRead interrupted;
  TestServer<TCPServer> server(interrupted.handler(), {.limits = {.drain_grace = 50ms}});
  RawClient client(server.address());
  client.send("half");
  interrupted.waiting.wait();
  server.stop();
  EXPECT_EQ(interrupted.code, std::errc::operation_canceled);
}

TEST(Draining, a_blocked_writer_is_cut) {
  Event writing("the handler writes");
  std::error_code code;
  TestServer<ThreadingTCPServer> server(
      [&](StreamRequestHandler& self) {
        writing.set();
        try {
          self.wfile().write(std::string(std::size_t{64} << 20, 'x'));  // nobody reads it
        } catch (const OSError& error) {
          code = error.code();
        }
      },
      {.limits = {.drain_grace = 50ms}, .log = {}});
  const RawClient client(server.address());
  writing.wait();
  server.stop();
  EXPECT_EQ(code, std::errc::operation_canceled);
}

template <class Server>
struct Flooded : ::testing::Test {};
using DrainingEngines = ::testing::Types<TCPServer, ThreadingTCPServer>;
TYPED_TEST_SUITE(Flooded, DrainingEngines);

TYPED_TEST(Flooded, a_peer_that_never_stops_sending_holds_nobody_up) {
  Event begun("the handler runs");
  std::error_code code;
  TestServer<TypeParam> server(
      [&](StreamRequestHandler& self) {
        self.request().recv(1);
        begun.set();
        try {
          // There is always a next byte, so this never waits.
          while (!self.request().recv(1).empty()) {
          }
        } catch (const OSError& error) {
          code = error.code();
        }
      },
      {.limits = {.drain_grace = 20ms}, .log = {}});
  RawClient client(server.address());
  std::jthread flood([&](const std::stop_token& stop) {
    const std::string block(1 << 16, 'x');
    while (!stop.stop_requested() &&
           ::send(client.socket().fileno(), block.data(), block.size(), MSG_NOSIGNAL) > 0) {
    }
  });
  begun.wait();
  server.stop();
  EXPECT_EQ(code, std::errc::operation_canceled);
}

TEST(Draining, a_handler_that_never_waits_is_waited_for) {
  Event begun("the handler runs");
  Event go_on("the handler may end");
  CapturedLog log;
  TestServer<ThreadingTCPServer> server(
      [&](StreamRequestHandler&) {
        begun.set();
        go_on.wait();
      },
      {.limits = {.drain_grace = Duration(0)}, .log = log.sink()});
  const RawClient client(server.address());
  begun.wait();
  std::jthread stopper([&] { server->shutdown(); });
  log.reported.wait();
  EXPECT_EQ(log.reports().front(), "drain: requests cut short after the grace period: 1");
  go_on.set();
  server.join();
}

TEST(Draining, a_daemon_thread_that_never_waits_is_left_behind) {
  Event begun("the handler runs");
  Event go_on("the handler may end");
  CapturedLog log;
  TestServer<ThreadingTCPServer> server(
      [&](StreamRequestHandler&) {
        begun.set();
        go_on.wait();
      },
      {.daemon_threads = true, .limits = {.drain_grace = Duration(0)}, .log = log.sink()});
  RawClient client(server.address());
  begun.wait();
  server.stop();
  EXPECT_EQ(log.reports().size(), 1u);
  go_on.set();
  EXPECT_TRUE(client.at_eof());
}

TEST(Draining, serving_again_starts_afresh) {
  TestServer<ThreadingTCPServer> server(handler<Echo>(), {.limits = {.drain_grace = Duration(0)}});
  RawClient idle(server.address());
  idle.send("x\n");
  EXPECT_EQ(idle.read_until("\n"), "x\n");
  server.stop();
  EXPECT_TRUE(idle.at_eof());
  const testing::ServerThread again(server.server());
  RawClient client(server.address());
  client.send("half ");
  client.send("full\n");
  EXPECT_EQ(client.read_until("\n"), "half full\n");
}

}  // namespace
}  // namespace socketserver
