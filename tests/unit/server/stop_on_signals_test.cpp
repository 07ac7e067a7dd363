#include <socketserver/server/stop_on_signals.hpp>

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <socketserver/base/error.hpp>
#include <socketserver/base/unique_fd.hpp>
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

/// The signal of the KeyboardInterrupt that ends the loop.
int signal_that_ends(ServerThread& running) {
  try {
    running.join();
  } catch (const KeyboardInterrupt& interrupt) {
    return interrupt.signal;
  }
  return 0;
}

TEST(StopOnSignals, P27_a_signal_leaves_the_loop_as_KeyboardInterrupt) {
  for (const int signal : {SIGINT, SIGTERM}) {
    TCPServer server(kAnyPort, handler<Echo>());
    const StopOnSignals stop(server);
    ServerThread running(server);
    EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
    ::kill(::getpid(), signal);
    EXPECT_EQ(signal_that_ends(running), signal);
    EXPECT_FALSE(server.stop_requested());
  }
}

TEST(StopOnSignals, watches_the_signals_that_it_is_told) {
  TCPServer server(kAnyPort, handler<Echo>());
  const StopOnSignals stop(server, {SIGUSR2});
  ServerThread running(server);
  ::kill(::getpid(), SIGUSR2);
  EXPECT_EQ(signal_that_ends(running), SIGUSR2);
}

TEST(StopOnSignals, on_the_loops_own_thread) {
  TCPServer server(kAnyPort, [](StreamRequestHandler&) { ::raise(SIGINT); });
  const StopOnSignals stop(server);
  RawClient client(server.server_address());
  EXPECT_THROW(server.serve_forever(), KeyboardInterrupt);
  EXPECT_TRUE(client.at_eof());
}

TEST(StopOnSignals, a_signal_before_the_loop_is_remembered) {
  TCPServer server(kAnyPort, handler<Echo>());
  const StopOnSignals stop(server);
  ::raise(SIGTERM);
  EXPECT_THROW(server.serve_forever(), KeyboardInterrupt);
  ServerThread running(server);
  EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
}

TEST(StopOnSignals, signals_between_two_loops_end_neither) {
  TCPServer server(kAnyPort, handler<Echo>());
  const StopOnSignals stop(server);
  {
    ServerThread running(server);
    EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
  }
  ::raise(SIGINT);
  ::raise(SIGINT);  // not the second of a pair that forces
  ServerThread running(server);
  EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
  running.stop();
}

TEST(StopOnSignals, a_second_signal_cuts_the_drain_short) {
  Event waiting("the handler waits for the rest");
  ThreadingTCPServer server(kAnyPort,
                            [&](StreamRequestHandler& self) {
                              self.rfile().read(4);
                              waiting.set();
                              self.rfile().read(4);
                            },
                            {.limits = {.drain_grace = 1h}, .log = {}});
  const StopOnSignals stop(server);
  ServerThread running(server);
  RawClient client(server.server_address());
  client.send("half");
  waiting.wait();
  ::kill(::getpid(), SIGINT);
  testing::wait_until("the first signal stops", [&] { return server.stop_requested(); });
  ::kill(::getpid(), SIGINT);
  EXPECT_EQ(signal_that_ends(running), SIGINT);
  EXPECT_TRUE(client.at_eof());
}

TEST(StopOnSignals, a_signal_while_shutdown_drains_is_told_too) {
  Event begun("the handler runs");
  Event go_on("the handler may end");
  ThreadingTCPServer server(kAnyPort, [&](StreamRequestHandler&) {
    begun.set();
    go_on.wait();
  });
  const StopOnSignals stop(server);
  ServerThread running(server);
  const RawClient client(server.server_address());
  begun.wait();
  server.shutdown();
  ::raise(SIGINT);
  go_on.set();
  EXPECT_EQ(signal_that_ends(running), SIGINT);
}

TEST(StopOnSignals, does_not_disturb_system_calls_of_handlers) {
  int result = 0;
  TCPServer server(kAnyPort, [&](StreamRequestHandler&) {
    // A read(2) of the user's own, which a signal interrupts before its byte is there.
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const UniqueFd reading(ends[0]);
    const UniqueFd writing(ends[1]);
    const pthread_t self = ::pthread_self();
    std::jthread other([&] {
      for (int i = 0; i < 100; ++i) {
        ::pthread_kill(self, SIGUSR2);
        std::this_thread::yield();
      }
      EXPECT_EQ(::write(writing.get(), "x", 1), 1);
    });
    char byte = 0;
    result = static_cast<int>(::read(reading.get(), &byte, 1));
  });
  const StopOnSignals stop(server, {SIGUSR2});
  const RawClient client(server.server_address());
  EXPECT_THROW(server.serve_forever(), KeyboardInterrupt);
  EXPECT_EQ(result, 1);
}

TEST(StopOnSignals, restores_what_the_signals_did) {
  struct sigaction mine {};
  mine.sa_handler = [](int) {};
  struct sigaction original {};
  ::sigaction(SIGUSR2, &mine, &original);
  {
    TCPServer server(kAnyPort, handler<Echo>());
    const StopOnSignals stop(server, {SIGUSR2});
    struct sigaction watched {};
    ::sigaction(SIGUSR2, nullptr, &watched);
    EXPECT_NE(watched.sa_handler, mine.sa_handler);
  }
  struct sigaction after {};
  ::sigaction(SIGUSR2, &original, &after);
  EXPECT_EQ(after.sa_handler, mine.sa_handler);
}

TEST(StopOnSignals, one_at_a_time) {
  TCPServer first(kAnyPort, handler<Echo>());
  TCPServer second(kAnyPort, handler<Echo>());
  {
    const StopOnSignals stop(first);
    EXPECT_THROW(const StopOnSignals another(second), std::logic_error);
  }
  const StopOnSignals stop(second);
}

TEST(StopOnSignals, a_signal_that_cannot_be_watched_is_an_error_and_changes_nothing) {
  TCPServer server(kAnyPort, handler<Echo>());
  try {
    const StopOnSignals stop(server, {SIGUSR2, SIGKILL});
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::invalid_argument);
  }
  struct sigaction after {};
  ::sigaction(SIGUSR2, nullptr, &after);
  EXPECT_EQ(after.sa_handler, SIG_DFL);
  const StopOnSignals stop(server);
}

/// `shutdown()` in a signal handler of the user's own.
BaseServer* signalled_server = nullptr;

TEST(ShutdownInSignalHandler, ends_the_loop_from_its_own_and_from_another_thread) {
  struct sigaction action {};
  action.sa_handler = [](int) { signalled_server->shutdown(); };
  struct sigaction before {};
  ::sigaction(SIGUSR2, &action, &before);

  TCPServer server(kAnyPort, [](StreamRequestHandler&) { ::raise(SIGUSR2); });
  signalled_server = &server;
  {
    RawClient client(server.server_address());
    server.serve_forever();
    EXPECT_TRUE(client.at_eof());
  }
  TCPServer other(kAnyPort, handler<Echo>());
  signalled_server = &other;
  ServerThread running(other);
  EXPECT_EQ(echoed(other.server_address(), "x\n"), "x\n");
  ::raise(SIGUSR2);
  running.join();
  ::sigaction(SIGUSR2, &before, nullptr);
}

TEST(StopOnSignals, P27_a_waiting_handle_request_leaves_as_KeyboardInterrupt) {
  TCPServer server(kAnyPort, handler<Echo>());
  const StopOnSignals stop(server);
  Event interrupted("handle_request has thrown KeyboardInterrupt");
  std::thread serving([&] {
    try {
      for (;;) server.handle_request();
    } catch (const KeyboardInterrupt& interrupt) {
      if (interrupt.signal == SIGTERM) interrupted.set();
    }
  });
  EXPECT_EQ(echoed(server.server_address(), "x\n"), "x\n");
  ::kill(::getpid(), SIGTERM);
  interrupted.wait();
  serving.join();
}

}  // namespace
}  // namespace socketserver
