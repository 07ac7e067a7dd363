#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/base/mutex.hpp>
#include <socketserver/base/offload.hpp>
#include <socketserver/base/sleep.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "server/engine_access.hpp"
#include "tests/cpu_time.hpp"
#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::DatagramClient;
using testing::Event;
using testing::RawClient;
using testing::TestServer;

TEST(Fibers, serve_every_transport) {
  TestServer<FiberTCPServer> tcp(handler<Echo>());
  TestServer<FiberUnixStreamServer> unix_stream(handler<Echo>());
  TestServer<FiberUDPServer> udp(handler<Echo>());
  TestServer<FiberUnixDatagramServer> unix_datagram(handler<Echo>());
  for (const char* word : {"one\n", "two\n", "three\n"}) {
    EXPECT_EQ(echoed(tcp.address(), word), word);
    EXPECT_EQ(echoed(unix_stream.address(), word), word);
    EXPECT_EQ(DatagramClient(udp.address()).ask(word), word);
    EXPECT_EQ(DatagramClient(unix_datagram.address()).ask(word), word);
  }
}

TEST(Fibers, run_on_the_serving_thread) {
  std::thread::id serving;
  std::set<std::thread::id> serving_fibers;
  struct Server : FiberTCPServer {
    using FiberTCPServer::FiberTCPServer;
    std::thread::id thread;
    void service_actions() override { thread = std::this_thread::get_id(); }
  };
  TestServer<Server> server([&](StreamRequestHandler& self) {
    serving_fibers.insert(std::this_thread::get_id());
    self.wfile() << "done";
  });
  for (int i = 0; i < 3; ++i) RawClient(server.address()).read_until("done");
  server.stop();
  EXPECT_EQ(serving_fibers, std::set{server->thread});
}

TEST(Fibers, many_connections_are_served_at_once) {
  TestServer<FiberTCPServer> server(handler<Echo>());
  std::vector<RawClient> clients;
  for (int i = 0; i < 300; ++i) clients.emplace_back(server.address());
  for (int round = 0; round < 3; ++round) {
    for (RawClient& client : clients) client.send("hello\n");
    for (RawClient& client : clients) EXPECT_EQ(client.read_until("\n"), "hello\n");
  }
  EXPECT_EQ(server->fibers(), 300u);
}

TEST(Fibers, several_loops_share_the_requests) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  TestServer<FiberTCPServer> server(
      [&](StreamRequestHandler& self) {
        {
          const std::lock_guard lock(mutex);
          threads.insert(std::this_thread::get_id());
        }
        while (auto line = self.rfile().readline()) self.wfile() << *line;
      },
      {.workers = 3});
  std::vector<RawClient> clients;
  for (int i = 0; i < 9; ++i) clients.emplace_back(server.address());
  for (RawClient& client : clients) client.send("x\n");
  for (RawClient& client : clients) EXPECT_EQ(client.read_until("\n"), "x\n");
  EXPECT_EQ(threads.size(), 3u);
}

TEST(Fibers, an_exception_is_reported_and_the_server_goes_on) {
  CapturedLog log;
  TestServer<FiberTCPServer> server(
      [](StreamRequestHandler& self) {
        if (self.rfile().readline() == "bad\n") throw std::runtime_error("boom");
        self.wfile() << "good";
      },
      {.log = log.sink()});
  EXPECT_EQ(echoed(server.address(), "bad\n"), "");
  EXPECT_EQ(echoed(server.address(), "ok\n"), "good");
  ASSERT_EQ(log.reports().size(), 1u);
  EXPECT_NE(log.reports()[0].find("boom"), std::string::npos);
}

TEST(Fibers, a_handlers_timeout_ends_its_wait) {
  struct Impatient : Echo {
    std::optional<Duration> timeout() const override { return 20ms; }
  };
  TestServer<FiberTCPServer> server(handler<Impatient>());
  RawClient client(server.address());
  EXPECT_TRUE(client.at_eof());
}

TEST(Fibers, sleeping_and_locking_let_others_run) {
  Mutex mutex;
  int running = 0;
  TestServer<FiberTCPServer> server([&](StreamRequestHandler& self) {
    ++running;
    const std::lock_guard lock(mutex);
    while (running < 3) sleep_for(1ms);
    self.wfile() << offload([] { return std::string("done"); });
  });
  std::vector<RawClient> clients;
  for (int i = 0; i < 3; ++i) clients.emplace_back(server.address());
  for (RawClient& client : clients) EXPECT_EQ(client.read_all(), "done");
}

TEST(Fibers, handle_request_serves_one_request_whole) {
  FiberTCPServer server(kAnyPort, handler<Echo>());
  RawClient client(server.server_address());
  client.send("hello\n");
  client.half_close();
  server.handle_request();
  EXPECT_EQ(client.read_all(), "hello\n");
  EXPECT_EQ(server.fibers(), 0u);
  server.server_close();
}

TEST(Fibers, handle_request_sleeps_while_its_client_is_silent) {
  struct Waiting : StreamRequestHandler {
    std::optional<Duration> timeout() const override { return 300ms; }
    void handle() override {
      detail::EngineAccess::wake(server());
      EXPECT_THROW(rfile().readline(), TimeoutError);
    }
  };
  FiberTCPServer server(kAnyPort, handler<Waiting>());
  const RawClient client(server.server_address());
  EXPECT_LT(testing::cpu_time_of([&] { server.handle_request(); }), 100ms);
}

TEST(Fibers, handle_request_times_out) {
  int timeouts = 0;
  struct Server : FiberTCPServer {
    using FiberTCPServer::FiberTCPServer;
    int* timeouts = nullptr;
    void handle_timeout() override { ++*timeouts; }
  };
  Server server(kAnyPort, handler<Echo>(), {.timeout = 10ms});
  server.timeouts = &timeouts;
  server.handle_request();
  EXPECT_EQ(timeouts, 1);
}

TEST(Fibers, stopping_ends_idle_connections_at_once) {
  TestServer<FiberTCPServer> server(handler<Echo>(), {.limits = {.drain_grace = 1h}});
  std::vector<RawClient> clients;
  for (int i = 0; i < 50; ++i) clients.emplace_back(server.address());
  for (RawClient& client : clients) client.send("x\n");
  for (RawClient& client : clients) EXPECT_EQ(client.read_until("\n"), "x\n");
  server.stop();
  for (RawClient& client : clients) EXPECT_TRUE(client.at_eof());
}

TEST(Fibers, stopping_waits_for_busy_ones) {
  Event begun("the handler runs");
  Event asked("the stop is asked for");
  TestServer<FiberTCPServer> server([&](StreamRequestHandler& self) {
    self.rfile().readline();
    begun.set();
    self.rfile().readline();
    self.wfile() << "finished";
  });
  RawClient client(server.address());
  client.send("one\n");
  begun.wait();
  server->shutdown();
  client.send("two\n");
  EXPECT_EQ(client.read_all(), "finished");
  server.stop();
}

TEST(Fibers, stopping_cuts_those_that_outlast_the_grace) {
  CapturedLog log;
  Event begun("the handler runs");
  TestServer<FiberTCPServer> server(
      [&](StreamRequestHandler& self) {
        self.rfile().readline();
        begun.set();
        self.rfile().readline();
      },
      {.limits = {.drain_grace = 20ms}, .log = log.sink()});
  RawClient client(server.address());
  client.send("one\n");
  begun.wait();
  server.stop();
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(log.reports().front().rfind("drain: ", 0), 0u);
}

TEST(Fibers, several_loops_drain_too) {
  TestServer<FiberTCPServer> server(handler<Echo>(), {.workers = 2, .limits = {.drain_grace = 1h}});
  RawClient first(server.address());
  RawClient second(server.address());
  for (RawClient* client : {&first, &second}) {
    client->send("x\n");
    client->read_until("\n");
  }
  server.stop();
  EXPECT_TRUE(first.at_eof());
  EXPECT_TRUE(second.at_eof());
}

TEST(Fibers, a_handler_may_shut_the_server_down) {
  TestServer<FiberTCPServer> server([](StreamRequestHandler& self) {
    self.server().shutdown();
    self.wfile() << "bye";
  });
  EXPECT_EQ(RawClient(server.address()).read_all(), "bye");
  server.join();
}

TEST(Fibers, a_stopped_server_serves_again) {
  FiberTCPServer server(kAnyPort, handler<Echo>());
  for (int round = 0; round < 3; ++round) {
    testing::ServerThread running(server);
    EXPECT_EQ(echoed(server.server_address(), "again\n"), "again\n");
  }
}

TEST(Fibers, accepting_pauses_when_there_are_enough) {
  TestServer<FiberTCPServer> server(handler<Echo>(), {.limits = {.max_concurrent_requests = 2}});
  RawClient first(server.address());
  RawClient second(server.address());
  for (RawClient* client : {&first, &second}) {
    client->send("x\n");
    client->read_until("\n");
  }
  RawClient third(server.address());
  third.send("late\n");
  EXPECT_EQ(server->fibers(), 2u);
  first.close();
  EXPECT_EQ(third.read_until("\n"), "late\n");
}

TEST(Fibers, leave_no_descriptor_behind) {
  const int before = open_descriptors();
  {
    TestServer<FiberTCPServer> server(handler<Echo>(), {.workers = 2});
    for (int i = 0; i < 100; ++i) ASSERT_EQ(echoed(server.address(), "x\n"), "x\n");
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST(Fibers, a_stalled_loop_is_reported) {
  CapturedLog log;
  TestServer<FiberTCPServer> server([&](StreamRequestHandler&) { log.reported.wait(); },
                                    {.stall_limit = 10ms, .log = log.sink()});
  RawClient(server.address()).read_all();
  EXPECT_NE(log.reports()[0].find("event loop 0 of 127.0.0.1:"), std::string::npos);
}

}  // namespace
}  // namespace socketserver
