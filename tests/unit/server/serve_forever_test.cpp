#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::RawClient;
using testing::ServerThread;
using testing::TestServer;

TEST(ServeForever, SS_044_serves_one_client_after_the_other) {
  TestServer<TCPServer> server(handler<Echo>());
  for (int i = 0; i < 20; ++i) {
    const std::string line = std::to_string(i) + '\n';
    EXPECT_EQ(echoed(server.address(), line), line);
  }
  server.stop();
}

TEST(ServeForever, SS_045_never_calls_handle_timeout) {
  TestServer<RecordingServer<TCPServer>> server(handler<Echo>(), {.timeout = 1ms}, 1ms);
  server->turns.wait(50);
  EXPECT_EQ(server->calls.count("handle_timeout"), 0);
}

TEST(ServeForever, SS_046_service_actions_is_paced_by_the_poll_interval) {
  TestServer<RecordingServer<TCPServer>> server(handler<Echo>(), {}, 20ms);
  const auto start = Deadline::Clock::now();
  server->turns.wait(5);
  const Duration took = Deadline::Clock::now() - start;
  EXPECT_GE(took, 4 * 20ms) << "the loop turns without a reason";
  EXPECT_LT(took, 5 * 400ms) << "the loop has a pace of its own";
}

TEST(ServeForever, SS_046_service_actions_follows_each_request) {
  TestServer<RecordingServer<TCPServer>> server(handler<Echo>(), {}, 1h);
  for (int i = 1; i <= 3; ++i) {
    echoed(server.address(), "x\n");
    server->turns.wait(i);
    EXPECT_EQ(server->turns.count(), i);
  }
}

TEST(ServeForever, SS_053_a_long_poll_interval_delays_nothing) {
  constexpr int kRounds = 40;
  RecordingServer<TCPServer> server(kAnyPort, handler<Echo>());
  const auto start = Deadline::Clock::now();
  for (int i = 1; i <= kRounds; ++i) {
    ServerThread running(server, 24h);
    EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
    running.stop();
    EXPECT_EQ(server.turns.count(), i) << "the loop turns without a request";
  }
  // Less than a loop would take that looks twice a second whether it is to stop.
  EXPECT_LT(Deadline::Clock::now() - start, kRounds * 250ms);
}

TEST(ServeForever, a_poll_interval_of_zero_or_less_still_serves) {
  for (const Duration interval : {Duration(0), Duration(-1s)}) {
    TestServer<TCPServer> server(handler<Echo>(), {}, interval);
    EXPECT_EQ(echoed(server.address(), "x\n"), "x\n");
  }
}

TEST(ServeForever, a_server_is_served_once_at_a_time) {
  TestServer<TCPServer> server(handler<Echo>());
  EXPECT_EQ(echoed(server.address(), "x\n"), "x\n");
  EXPECT_THROW(server->serve_forever(), std::logic_error);
}

TEST(ServeForever, not_again_before_its_requests_have_ended) {
  Event begun("the handler runs");
  Event go_on("the handler may end");
  TestServer<ThreadingTCPServer> server([&](StreamRequestHandler&) {
    begun.set();
    go_on.wait();
  });
  const RawClient client(server.address());
  begun.wait();
  server->shutdown();
  EXPECT_THROW(server->serve_forever(), std::logic_error) << "the first call is still draining";
  go_on.set();
}

TEST(Shutdown, SS_047_returns_when_the_loop_has_ended) {
  Event begun("the handler runs");
  Event go_on("the handler may end");
  Event returned("shutdown() returns");
  TestServer<TCPServer> server([&](StreamRequestHandler&) {
    begun.set();
    go_on.wait();
  });
  const RawClient client(server.address());
  begun.wait();
  EXPECT_FALSE(server->stop_requested());
  std::jthread stopper([&] {
    server->shutdown();
    returned.set();
  });
  testing::wait_until("the stop is asked", [&] { return server->stop_requested(); });
  EXPECT_EQ(returned.count(), 0) << "the loop is in the handler";
  go_on.set();
  returned.wait();
}

TEST(Shutdown, SS_048_races_with_the_start) {
  std::deque<TCPServer> servers;
  std::vector<std::thread> threads;
  for (int i = 0; i < 20; ++i) {
    servers.emplace_back(kAnyPort, handler<Echo>());
    threads.emplace_back([&server = servers.back()] { server.serve_forever(); });
  }
  for (TCPServer& server : servers) server.shutdown();
  for (std::thread& thread : threads) thread.join();
}

TEST(Shutdown, SS_049_before_the_loop_is_remembered) {
  TCPServer server(kAnyPort, handler<Echo>());
  server.shutdown();
  EXPECT_TRUE(server.stop_requested());
  server.serve_forever();
  EXPECT_FALSE(server.stop_requested());
}

TEST(Shutdown, SS_049_is_remembered_once) {
  TCPServer server(kAnyPort, handler<Echo>());
  server.shutdown();
  server.shutdown();
  server.serve_forever();
  ServerThread running(server);
  EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
}

TEST(Shutdown, SS_050_SS_051_after_the_loop_it_does_nothing) {
  TCPServer server(kAnyPort, handler<Echo>());
  for (int i = 0; i < 3; ++i) {
    ServerThread running(server);
    EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
    running.stop();
    server.shutdown();
    EXPECT_FALSE(server.stop_requested());
  }
}

TEST(Shutdown, from_many_threads_stops_one_loop) {
  TCPServer server(kAnyPort, handler<Echo>());
  for (int round = 0; round < 100; ++round) {
    ServerThread running(server);
    // Only a loop that no earlier round's shutdown has stopped can serve this client.
    ASSERT_EQ(echoed(server.server_address(), "x\n"), "x\n");
    std::vector<std::jthread> stoppers;
    for (int i = 0; i < 4; ++i) stoppers.emplace_back([&] { server.shutdown(); });
    running.join();
  }
}

TEST(Shutdown, SS_052_what_is_pending_is_not_accepted_any_more) {
  std::unique_ptr<RawClient> pending;
  Calls served;
  TCPServer server(kAnyPort, [&](StreamRequestHandler& self) {
    served.add("a client");
    if (!pending) pending = std::make_unique<RawClient>(self.server().server_address());
    self.server().shutdown();
  });
  RawClient first(server.server_address());
  server.serve_forever();
  EXPECT_TRUE(first.at_eof());
  EXPECT_EQ(served.count("a client"), 1);
  server.handle_request();
  EXPECT_TRUE(pending->at_eof());
}

TEST(Shutdown, SS_054_the_kernel_queues_until_server_close) {
  TCPServer server(kAnyPort, handler<Echo>());
  const Address address = server.server_address();
  { const ServerThread running(server); }
  RawClient queued(address);
  queued.send("queued\n");
  queued.half_close();
  server.handle_request();
  EXPECT_EQ(queued.read_all(), "queued\n");
  server.server_close();
  EXPECT_THROW(RawClient{address}, OSError);
}

TEST(Shutdown, SS_055_from_a_handler_of_a_synchronous_server_only_asks) {
  TCPServer server(kAnyPort, [](StreamRequestHandler& self) {
    self.server().shutdown();
    EXPECT_TRUE(self.server().stop_requested());
    self.wfile() << "bye";
  });
  RawClient client(server.server_address());
  server.serve_forever();
  EXPECT_EQ(client.read_all(), "bye");
}

TEST(Shutdown, SS_055_from_a_hook_only_asks) {
  const auto server = make_server<RecordingServer<TCPServer>>(kAnyPort, handler<Echo>());
  server->on_entry["service_actions"] = [&] { server->shutdown(); };
  server->serve_forever(1ms);
  EXPECT_EQ(server->turns.count(), 1);
}

TEST(Shutdown, SS_056_from_a_handler_thread_waits_for_the_loop) {
  TestServer<ThreadingTCPServer> server([](StreamRequestHandler& self) {
    self.server().shutdown();
    self.wfile() << "bye";
  });
  RawClient client(server.address());
  EXPECT_EQ(client.read_all(), "bye");
  server.join();
}

TEST(Shutdown, SS_057_does_not_wait_for_handler_threads) {
  Event begun("the handler runs");
  Event go_on("the handler may end");
  TestServer<ThreadingTCPServer> server([&](StreamRequestHandler& self) {
    begun.set();
    go_on.wait();
    self.wfile() << "finished";
  });
  RawClient client(server.address());
  begun.wait();
  server->shutdown();
  go_on.set();
  EXPECT_EQ(client.read_all(), "finished");
}

TEST(Shutdown, SS_059_a_handle_request_of_a_derived_class_is_not_what_the_loop_calls) {
  struct Derived : TCPServer {
    using TCPServer::TCPServer;
    void handle_request() { FAIL() << "the loop has its own way"; }
  };
  TestServer<Derived> server(handler<Echo>());
  EXPECT_EQ(echoed(server.address(), "x\n"), "x\n");
}

TEST(Shutdown, an_exception_that_ends_the_loop_leaves_a_server_that_works) {
  const auto server = make_server<RecordingServer<ThreadingTCPServer>>(kAnyPort, handler<Echo>());
  server->on_entry["service_actions"] = [] { throw std::runtime_error("boom"); };
  EXPECT_THROW(server->serve_forever(1ms), std::runtime_error);
  EXPECT_FALSE(server->stop_requested());
  server->on_entry.clear();
  ServerThread running(*server);
  EXPECT_EQ(echoed(server->server_address(), "x\n"), "x\n");
}

}  // namespace
}  // namespace socketserver
