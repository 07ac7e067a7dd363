#include <socketserver/testing/server_thread.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

#include <socketserver/base/error.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/raw_client.hpp>

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

struct Echo : StreamRequestHandler {
  void handle() override {
    while (auto line = rfile().readline()) wfile().write(*line);
  }
};

struct FailingLoop : TCPServer {
  using TCPServer::TCPServer;
  void service_actions() override {
    threw.set();
    throw std::runtime_error("boom");
  }
  Event threw{"the loop throws"};
};

std::string echoed(const Address& server) {
  RawClient client(server);
  client.send("hello\n");
  return client.read_until("\n");
}

TEST(ServerThread, serves_for_a_scope) {
  TCPServer server({"127.0.0.1", 0}, handler<Echo>());
  {
    ServerThread running(server);
    EXPECT_EQ(echoed(server.server_address()), "hello\n");
  }
  EXPECT_GE(server.fileno(), 0) << "the server is borrowed, not closed";
}

TEST(ServerThread, may_serve_again) {
  TCPServer server({"127.0.0.1", 0}, handler<Echo>());
  for (int i = 0; i < 50; ++i) {
    // Some of these scopes end before their loop has begun.
    ServerThread running(server);
    if (i % 10 == 9) {
      EXPECT_EQ(echoed(server.server_address()), "hello\n");
    }
  }
}

TEST(ServerThread, stops_once) {
  TCPServer server({"127.0.0.1", 0}, handler<Echo>());
  ServerThread running(server);
  running.stop();
  running.stop();
}

TEST(ServerThread, offers_what_the_loop_threw_once) {
  FailingLoop server({"127.0.0.1", 0}, handler<Echo>());
  ServerThread running(server, 1ms);
  EXPECT_THROW(running.join(), std::runtime_error);
  running.join();
  running.stop();
}

TEST(ServerThread, stopping_throws_what_the_loop_threw) {
  FailingLoop server({"127.0.0.1", 0}, handler<Echo>());
  ServerThread running(server, 1ms);
  server.threw.wait();
  EXPECT_THROW(running.stop(), std::runtime_error);
  running.stop();
}

TEST(ServerThread, keeps_exits_that_are_no_std_exceptions) {
  TCPServer server({"127.0.0.1", 0}, [](StreamRequestHandler&) { throw SystemExit{7}; });
  ServerThread running(server);
  const RawClient client(server.server_address());
  try {
    running.join();
    FAIL();
  } catch (const SystemExit& exit) {
    EXPECT_EQ(exit.status, 7);
  }
}

TEST(ServerThread, an_exception_that_nobody_asks_for_is_reported) {
  ::testing::internal::CaptureStderr();
  {
    FailingLoop server({"127.0.0.1", 0}, handler<Echo>());
    ServerThread running(server, 1ms);
    server.threw.wait();
  }
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("threw, and nobody asked: std::runtime_error: boom\n"), std::string::npos)
      << said;
}

TEST(ServerThread, says_what_it_waits_for_when_stopping_takes_long) {
  ::testing::internal::CaptureStderr();
  Event begun("the handler runs");
  Event go_on("the handler may end");
  TCPServer server({"127.0.0.1", 0}, [&](StreamRequestHandler&) {
    begun.set();
    go_on.wait();
  });
  const RawClient client(server.server_address());
  {
    ServerThread running(server);
    begun.wait();
    std::jthread stopper([&] { running.stop(); });
    // The stopper has written when standard error, a file here, is no longer empty.
    wait_until("something is written", [] { return ::lseek(STDERR_FILENO, 0, SEEK_CUR) > 0; });
    go_on.set();
  }
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(said.rfind("ServerThread: still waiting for serve_forever() of ('127.0.0.1', ", 0), 0u)
      << said;
}

TEST(TestServer, owns_a_server_on_a_free_port) {
  TestServer<ThreadingTCPServer> server(handler<Echo>(), {.request_queue_size = 7});
  EXPECT_EQ(server.address().host(), "127.0.0.1");
  EXPECT_NE(server.port(), 0);
  EXPECT_EQ(server->request_queue_size(), 7);
  EXPECT_EQ(&server.server(), server.operator->());
  EXPECT_EQ(echoed(server.address()), "hello\n");
}

/// Overrides a hook that runs while the server is made.
struct NamedServer : TCPServer {
  using TCPServer::TCPServer;
  void server_bind() override {
    TCPServer::server_bind();
    name = "named";
  }
  std::string name;
};

TEST(TestServer, makes_servers_that_override_hooks) {
  TestServer<NamedServer> server(handler<Echo>());
  EXPECT_EQ(server->name, "named");
  EXPECT_EQ(echoed(server.address()), "hello\n");
}

TEST(TestServer, stops_and_joins_as_its_thread_does) {
  TestServer<TCPServer> server([](StreamRequestHandler&) { throw SystemExit{3}; });
  const RawClient client(server.address());
  EXPECT_THROW(server.join(), SystemExit);
  server.stop();
}

}  // namespace
}  // namespace socketserver::testing
