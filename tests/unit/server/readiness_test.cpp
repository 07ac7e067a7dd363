#include <socketserver/server/readiness.hpp>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include <socketserver/base/error.hpp>
#include <socketserver/server/prefork_mixin.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/server/stop_on_signals.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/unit/server/fixtures.hpp"
#include "tests/unit/server/server_process.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::RawClient;
using testing::ServerThread;

void tell_readiness(StreamRequestHandler& self) {
  switch (readiness(self.server())) {
    case Readiness::ready:
      return void(self.wfile() << "ready");
    case Readiness::overloaded:
      return void(self.wfile() << "overloaded");
    case Readiness::stopping:
      return void(self.wfile() << "stopping");
  }
}

std::string told(const Address& server) {
  return RawClient(server).read_all();
}

void wait_until_told(const Address& server, const std::string& wanted) {
  testing::wait_until("a handler tells " + wanted, [&] { return told(server) == wanted; });
}

TEST(Readiness, of_a_server_that_is_idle) {
  TCPServer server(kAnyPort, tell_readiness);
  EXPECT_EQ(readiness(server), Readiness::ready);
  ServerThread running(server);
  EXPECT_EQ(told(server.server_address()), "ready");
}

TEST(Readiness, overloaded_while_no_other_request_is_taken) {
  Event go_on("the handler may end");
  ThreadingTCPServer server(kAnyPort, [&](StreamRequestHandler&) { go_on.wait(); },
                            {.limits = {.max_concurrent_requests = 1}});
  ServerThread running(server);
  RawClient client(server.server_address());
  testing::wait_until("it is overloaded",
                      [&] { return readiness(server) == Readiness::overloaded; });
  go_on.set();
  EXPECT_TRUE(client.at_eof());
  testing::wait_until("there is room", [&] { return readiness(server) == Readiness::ready; });
}

TEST(Readiness, stopping_until_the_server_has_ended) {
  Event begun("the handler runs");
  Event go_on("the handler may end");
  ThreadingTCPServer server(kAnyPort, [&](StreamRequestHandler&) {
    begun.set();
    go_on.wait();
  });
  ServerThread running(server);
  const RawClient client(server.server_address());
  begun.wait();
  server.shutdown();
  EXPECT_EQ(readiness(server), Readiness::stopping);
  go_on.set();
  running.stop();
  EXPECT_EQ(readiness(server), Readiness::ready);
}

TEST(StopDelay, serves_on_and_tells_until_a_second_signal) {
  ThreadingTCPServer server(kAnyPort, tell_readiness);
  const StopOnSignals stop(server, {SIGINT, SIGTERM}, 1h);
  ServerThread running(server, 1h);
  EXPECT_EQ(told(server.server_address()), "ready");
  ::kill(::getpid(), SIGTERM);
  wait_until_told(server.server_address(), "stopping");
  EXPECT_FALSE(server.stop_requested());
  ::kill(::getpid(), SIGINT);
  try {
    running.join();
    FAIL() << "no KeyboardInterrupt";
  } catch (const KeyboardInterrupt& interrupt) {
    EXPECT_EQ(interrupt.signal, SIGINT);
  }
}

TEST(StopDelay, ends_by_itself_and_an_idle_loop_needs_no_other_reason_to_look) {
  constexpr Duration kDelay = 100ms;
  for (int round = 0; round < 2; ++round) {
    FiberTCPServer server(kAnyPort, handler<Echo>());
    const StopOnSignals stop(server, {SIGTERM}, kDelay);
    ServerThread running(server, 1h);
    EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
    const auto before = Deadline::Clock::now();
    ::kill(::getpid(), SIGTERM);
    EXPECT_THROW(running.join(), KeyboardInterrupt);
    EXPECT_GE(Deadline::Clock::now() - before, kDelay);
  }
}

TEST(StopDelay, a_third_signal_cuts_the_drain_short) {
  Event waiting("the handler waits for the rest");
  ThreadingTCPServer server(kAnyPort,
                            [&](StreamRequestHandler& self) {
                              self.rfile().read(4);
                              waiting.set();
                              self.rfile().read(4);
                            },
                            {.limits = {.drain_grace = 1h}, .log = {}});
  const StopOnSignals stop(server, {SIGTERM}, 1h);
  ServerThread running(server, 1h);
  RawClient client(server.server_address());
  client.send("half");
  waiting.wait();
  ::kill(::getpid(), SIGTERM);
  testing::wait_until("the stop is announced",
                      [&] { return readiness(server) == Readiness::stopping; });
  ::kill(::getpid(), SIGTERM);
  testing::wait_until("the second signal stops", [&] { return server.stop_requested(); });
  ::kill(::getpid(), SIGTERM);
  EXPECT_THROW(running.join(), KeyboardInterrupt);
  EXPECT_TRUE(client.at_eof());
}

TEST(StopDelay, shutdown_does_not_wait_for_it) {
  TCPServer server(kAnyPort, tell_readiness);
  const StopOnSignals stop(server, {SIGTERM}, 1h);
  {
    ServerThread running(server, 1h);
    EXPECT_EQ(told(server.server_address()), "ready");
    ::kill(::getpid(), SIGTERM);
    wait_until_told(server.server_address(), "stopping");
    server.shutdown();
    EXPECT_THROW(running.join(), KeyboardInterrupt);
  }
  // It is over with that loop.
  ServerThread again(server);
  EXPECT_EQ(told(server.server_address()), "ready");
}

TEST(StopDelay, a_signal_before_the_loop_is_not_delayed) {
  TCPServer server(kAnyPort, tell_readiness);
  const StopOnSignals stop(server, {SIGTERM}, 1h);
  ::raise(SIGTERM);
  EXPECT_THROW(server.serve_forever(), KeyboardInterrupt);
}

template <class Server>
void expect_told_by_children(const ServerOptions& options) {
  ServerProcess<Server> server(tell_readiness, options, [](Server& serving) {
    const StopOnSignals stop(serving, {SIGINT, SIGTERM}, 1h);
    serving.serve_forever(1h);
  });
  EXPECT_EQ(told(server.address()), "ready");
  server.signal(SIGTERM);
  wait_until_told(server.address(), "stopping");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), server.kInterrupted);
}

TEST(StopDelay, children_and_workers_tell_it_too) {
  expect_told_by_children<ForkingTCPServer>({});
  expect_told_by_children<PreforkMixIn<TCPServer>>({.workers = 2});
  expect_told_by_children<PreforkMixIn<FiberTCPServer>>({.workers = 2});
}

TEST(StopDelay, a_worker_that_is_replaced_meanwhile_tells_it_too) {
  ServerProcess<PreforkMixIn<TCPServer>> server(tell_readiness, {.workers = 1},
                                                [](PreforkMixIn<TCPServer>& serving) {
                                                  const StopOnSignals stop(serving, {SIGTERM}, 1h);
                                                  serving.serve_forever(1h);
                                                });
  EXPECT_EQ(told(server.address()), "ready");
  server.signal(SIGTERM);
  wait_until_told(server.address(), "stopping");
  const auto former = children_of(server.pid());
  server.signal(SIGHUP);
  testing::wait_until("there is another worker", [&] {
    const auto workers = children_of(server.pid());
    return workers.size() == 1 && workers != former;
  });
  EXPECT_EQ(told(server.address()), "stopping");
  server.signal(SIGTERM);
  EXPECT_EQ(server.wait(), server.kInterrupted);
}

}  // namespace
}  // namespace socketserver
