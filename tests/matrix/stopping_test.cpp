// Stopping a server: while it is idle, while it is busy, from a handler, and starting it again.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/matrix/fixture.hpp"

namespace socketserver::matrix {
namespace {

using testing::ServerThread;

Duration time_of(const auto& action) {
  const auto start = Deadline::Clock::now();
  action();
  return Deadline::Clock::now() - start;
}

double in_milliseconds(Duration span) {
  return std::chrono::duration<double, std::milli>(span).count();
}

template <class Cell>
class Stopping : public CellTest<Cell> {};
TYPED_TEST_SUITE(Stopping, Cells, CellNames);

TYPED_TEST(Stopping, SS_053_an_idle_server_stops_at_once) {
  const auto server = this->made(echo, {.limits = {.drain_grace = 1h}});
  ServerThread running(*server, 1h);
  EXPECT_EQ(this->ask(*server, "hello"), "hello");
  const Duration took = time_of([&] { running.stop(); });
  EXPECT_LT(took, testing::kPatience / 2) << in_milliseconds(took) << " ms, usually less than 1";
}

TYPED_TEST(Stopping, a_busy_handler_ends_its_work_within_the_grace) {
  Gate go_on;
  const auto server = this->made([&](StreamRequestHandler& self) {
    const std::string request = self.rfile().read_all(100);
    go_on.pass();
    self.wfile() << "done: " << request;
  });
  ServerThread running(*server);
  typename TestFixture::Client client(server->server_address());
  client.request("work");
  this->journal.wait_for("handle");
  std::thread stopper([&] { server->shutdown(); });
  testing::wait_until("the stop is asked", [&] { return server->stop_requested(); });
  go_on.open();
  EXPECT_EQ(client.answer(), "done: work");
  stopper.join();
  running.stop();
  EXPECT_EQ(this->journal.count("handle_error"), 0);
}

TYPED_TEST(Stopping, SS_055_SS_056_a_handler_may_shut_the_server_down) {
  const auto server = this->made([](StreamRequestHandler& self) {
    const std::string request = self.rfile().read_all(100);
    self.server().shutdown();
    self.wfile() << "good night to " << request;
  });
  ServerThread running(*server, 1h);
  EXPECT_EQ(this->ask(*server, "all"), "good night to all");
  running.join();
}

TYPED_TEST(Stopping, SS_051_a_stopped_server_serves_again) {
  const auto server = this->made(echo);
  for (const std::string request : {"first", "second", "third"}) {
    ServerThread running(*server);
    EXPECT_EQ(this->ask(*server, request), request);
    running.stop();
  }
}

TYPED_TEST(Stopping, SS_049_a_stop_before_the_start_is_remembered) {
  const auto server = this->made(echo);
  server->shutdown();
  server->serve_forever(1h);
  ServerThread running(*server);
  EXPECT_EQ(this->ask(*server, "hello"), "hello");
}

TYPED_TEST(Stopping, SS_048_a_stop_may_race_with_the_start) {
  for (int i = 0; i < 20; ++i) {
    const auto server = this->made(echo);
    ServerThread running(*server, 1h);
    server->shutdown();
    running.stop();
  }
}

TYPED_TEST(Stopping, SS_066_SS_081_server_close_waits_for_handlers) {
  Gate go_on;
  const auto server = this->made([&](StreamRequestHandler& self) {
    const std::string request = self.rfile().read_all(100);
    go_on.pass();
    self.wfile() << "done: " << request;
  });
  typename TestFixture::Client client(server->server_address());
  client.request("work");
  std::thread opener([&] {
    this->journal.wait_for("handle");
    go_on.open();
  });
  server->handle_request();
  server->server_close();
  EXPECT_EQ(this->journal.count("close_request"), TestFixture::kCloses);
  EXPECT_EQ(client.answer(), "done: work");
  opener.join();
}

template <class Cell>
class StreamStopping : public CellTest<Cell> {
 protected:
  /// A handler that reads requests of one line each until the client has no more.
  static void lines(StreamRequestHandler& self) {
    while (const auto line = self.rfile().readline()) self.wfile() << *line;
  }
};
TYPED_TEST_SUITE(StreamStopping, StreamCells, CellNames);

TYPED_TEST(StreamStopping, an_idle_connection_ends_at_once) {
  const auto server = this->made(TestFixture::lines, {.limits = {.drain_grace = 1h}});
  ServerThread running(*server, 1h);
  testing::RawClient client(server->server_address());
  client.send("hello\n");
  EXPECT_EQ(client.read_until("\n"), "hello\n");
  const Duration took = time_of([&] { running.stop(); });
  EXPECT_TRUE(client.at_eof());
  EXPECT_LT(took, testing::kPatience / 2) << in_milliseconds(took) << " ms, usually less than 1";
  EXPECT_EQ(this->journal.count("finish"), 1);
}

TYPED_TEST(StreamStopping, half_a_request_is_cut_when_the_grace_ends) {
  const auto grace = 50ms;
  const auto server = this->made(
      [&](StreamRequestHandler& self) {
        self.rfile().read(4);
        this->journal.add("half read");
        self.rfile().read(4);
      },
      {.limits = {.drain_grace = grace}});
  ServerThread running(*server, 1h);
  testing::RawClient client(server->server_address());
  client.send("half");
  this->journal.wait_for("half read");
  const Duration took = time_of([&] { running.stop(); });
  EXPECT_TRUE(client.at_eof());
  EXPECT_GE(took, grace) << in_milliseconds(took);
  EXPECT_LT(took, testing::kPatience / 2) << in_milliseconds(took) << " ms, usually 50";
  EXPECT_EQ(this->journal.count("handle_error"), 1);
  EXPECT_EQ(this->journal.count("close_request"), TestFixture::kCloses);
}

}  // namespace
}  // namespace socketserver::matrix
