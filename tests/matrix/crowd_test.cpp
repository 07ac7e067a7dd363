// Stopping a server that has many connections.

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/server/stop_on_signals.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/matrix/fixture.hpp"

namespace socketserver::matrix {
namespace {

using testing::RawClient;
using testing::ServerThread;
using Clients = std::vector<std::unique_ptr<RawClient>>;

constexpr int kBusy = 10;

template <class Cell>
constexpr int idle_clients() {
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
  return Cell::kForks ? 10 : 100;
#else
  return Cell::kForks ? 200 : 1000;
#endif
}

// What the idle may take to end: usually far below 100 ms.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr Duration kAtOnce = testing::kPatience;
#else
constexpr Duration kAtOnce = 2s;
#endif

bool is_silent(RawClient& client) {
  pollfd entry{client.socket().fileno(), POLLIN, 0};
  return ::poll(&entry, 1, 0) == 0;
}

/// A server with many connections that wait for their next request, and a few in the middle of one.
template <class Cell>
class Crowd : public CellTest<Cell> {
 protected:
  static constexpr int kIdle = idle_clients<Cell>();

  void SetUp() override {
    CellTest<Cell>::SetUp();
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }

  static Clients connected(const BaseServer& server, int count) {
    Clients clients;
    for (int i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<RawClient>(server.server_address()));
    }
    return clients;
  }

  std::unique_ptr<typename Cell::Server> crowded(Duration grace) {
    constexpr auto kHandlers = static_cast<std::size_t>(kIdle + kBusy);
    return make_server<typename Cell::Server>(
        testing::any_address<typename Cell::Server>(),
        [this](StreamRequestHandler& self) {
          for (;;) {
            const std::string first = self.rfile().read(1);
            if (first.empty()) return;
            if (first == "?") this->journal.add("half a request");
            self.wfile() << first + self.rfile().readline().value_or("");
          }
        },
        ServerOptions{.fork_with_threads = true,
                      .workers = Cell::kWorker == Worker::fiber ? 1 : kHandlers,
                      .limits = {.max_concurrent_requests = kHandlers, .drain_grace = grace},
                      .log = {}});
  }

  /// Has all connections served once, so that none is new, and half a request sent by the busy.
  void fill(const BaseServer& server) {
    idle_ = connected(server, kIdle);
    busy_ = connected(server, kBusy);
    for (const Clients* clients : {&idle_, &busy_}) {
      for (const auto& client : *clients) client->send("hello\n");
      for (const auto& client : *clients) ASSERT_EQ(client->read_until("\n"), "hello\n");
    }
    for (const auto& client : busy_) client->send("?");
    this->journal.wait_for("half a request", kBusy);
  }

  void expect_all_ended() {
    for (const auto& client : idle_) EXPECT_TRUE(client->at_eof());
    for (const auto& client : busy_) EXPECT_EQ(client->read_all(), "");
  }

  Clients idle_;
  Clients busy_;
};
TYPED_TEST_SUITE(Crowd, ConcurrentStreamCells, CellNames);

TYPED_TEST(Crowd, the_idle_end_at_once_and_the_busy_within_the_grace) {
  const auto server = this->crowded(1h);
  ServerThread running(*server, 1h);
  ASSERT_NO_FATAL_FAILURE(this->fill(*server));
  const auto start = Deadline::Clock::now();
  server->shutdown();
  for (const auto& client : this->idle_) EXPECT_TRUE(client->at_eof());
  const Duration took = Deadline::Clock::now() - start;
  EXPECT_LT(took, kAtOnce);
  this->RecordProperty("idle_ended_after_milliseconds",
                       std::to_string(took / std::chrono::milliseconds(1)));
  for (const auto& client : this->busy_) EXPECT_TRUE(is_silent(*client)) << "cut, or ended";
  for (const auto& client : this->busy_) {
    client->send(" and no more\n");
    EXPECT_EQ(client->read_all(), "? and no more\n");
  }
  running.stop();
}

TYPED_TEST(Crowd, those_who_do_not_end_are_cut_after_the_grace) {
  const auto grace = 200ms;
  const auto server = this->crowded(grace);
  ServerThread running(*server, 1h);
  ASSERT_NO_FATAL_FAILURE(this->fill(*server));
  const auto start = Deadline::Clock::now();
  running.stop();
  const auto took = Deadline::Clock::now() - start;
  EXPECT_GE(took, grace);
  EXPECT_LT(took, testing::kPatience / 2);
  this->expect_all_ended();
}

TYPED_TEST(Crowd, a_second_signal_cuts_the_grace_short) {
  const auto server = this->crowded(1h);
  const StopOnSignals stop(*server);
  ServerThread running(*server, 1h);
  ASSERT_NO_FATAL_FAILURE(this->fill(*server));
  ::kill(::getpid(), SIGTERM);
  for (const auto& client : this->idle_) EXPECT_TRUE(client->at_eof());
  ::kill(::getpid(), SIGTERM);
  EXPECT_THROW(running.join(), KeyboardInterrupt);
  this->expect_all_ended();
}

}  // namespace
}  // namespace socketserver::matrix
