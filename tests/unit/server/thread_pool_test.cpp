// How a pool shares its workers out when clients are slow.

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <filesystem>
#include <iterator>
#include <latch>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <socketserver/server/servers.hpp>
#include <socketserver/server/stream_handler.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/unit/server/fixtures.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kSlow = 20;

std::size_t threads_of_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

/// Answers a line with itself; with no or a far timeout, which are waited for in different ways.
class EchoLine : public StreamRequestHandler {
 public:
  explicit EchoLine(std::optional<Duration> timeout = std::nullopt) : timeout_(timeout) {}
  std::optional<Duration> timeout() const override { return timeout_; }
  void handle() override { wfile() << rfile().readline(100).value_or(""); }

 private:
  std::optional<Duration> timeout_;
};

/// As many clients as there are, each of which keeps a handler waiting.
std::vector<std::unique_ptr<RawClient>> slow_clients(const Address& server, std::size_t count) {
  std::vector<std::unique_ptr<RawClient>> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<RawClient>(server));
    clients.back()->send("x");
  }
  return clients;
}

std::string ask(const Address& server) {
  RawClient client(server);
  client.send("hello\n");
  return client.read_all();
}

/// Whether nothing comes within a moment.
bool gets_nothing(RawClient& client) {
  pollfd entry{client.socket().fileno(), POLLIN, 0};
  return ::poll(&entry, 1, 50) == 0;
}

class PoolTimeouts : public ::testing::TestWithParam<std::optional<Duration>> {};

TEST_P(PoolTimeouts, who_waits_for_a_client_holds_no_worker) {
  TestServer<ThreadPoolTCPServer> server(handler<EchoLine>(GetParam()),
                                         {.workers = 1, .queue_size = 1, .log = {}});
  const auto slow = slow_clients(server.address(), kSlow);
  EXPECT_EQ(ask(server.address()), "hello\n");
  for (const auto& client : slow) {
    client->send("\n");
    EXPECT_EQ(client->read_all(), "x\n");
  }
  EXPECT_EQ(ask(server.address()), "hello\n");
}

INSTANTIATE_TEST_SUITE_P(, PoolTimeouts, ::testing::Values(std::nullopt, Duration(1h)),
                         [](const auto& instance) { return instance.param ? "far" : "none"; });

TEST(Pool, who_waits_for_a_reader_holds_no_worker) {
  const std::string large(std::size_t{32} << 20, 'x');
  TestServer<ThreadPoolTCPServer> server(
      [&large](StreamRequestHandler& self) {
        if (self.rfile().readline(100) == "large\n") {
          self.wfile() << large;
        } else {
          self.wfile() << "small";
        }
      },
      {.workers = 1, .log = {}});
  RawClient slow(server.address());
  slow.send("large\n");
  EXPECT_EQ(slow.read(1), "x");
  EXPECT_EQ(ask(server.address()), "small");
  EXPECT_EQ(slow.read_all().size(), large.size() - 1);
}

TEST(Pool, other_waits_are_work) {
  std::latch go_on(1);
  std::latch begun(1);
  TestServer<ThreadPoolTCPServer> server(
      [&](StreamRequestHandler& self) {
        const std::string line = self.rfile().readline(100).value_or("");
        if (line == "wait\n") {
          begun.count_down();
          go_on.wait();
        }
        self.wfile() << line;
      },
      {.workers = 1, .log = {}});
  RawClient first(server.address());
  first.send("wait\n");
  begun.wait();
  RawClient second(server.address());
  second.send("hello\n");
  EXPECT_TRUE(gets_nothing(second));
  go_on.count_down();
  EXPECT_EQ(first.read_all(), "wait\n");
  EXPECT_EQ(second.read_all(), "hello\n");
}

TEST(Pool, accepting_pauses_at_the_workers_and_their_queue) {
  constexpr int kRoom = 5;  // two workers and a queue of three
  Event begun("a handler runs");
  Event go_on("the handlers may end");
  TestServer<RecordingServer<ThreadPoolTCPServer>> server(
      [&](StreamRequestHandler& self) {
        begun.set();
        go_on.wait();
        self.wfile() << "served";
      },
      {.workers = 2, .queue_size = 3, .log = {}}, 1ms);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < kRoom + 2; ++i) {
    clients.push_back(std::make_unique<RawClient>(server.address()));
  }
  const auto taken = [&] { return server->calls.count("get_request"); };
  const auto let_it_turn = [&] { server->turns.wait(server->turns.count() + 5); };
  begun.wait(2);
  wait_until("the queue is full", [&] { return taken() == kRoom; });
  let_it_turn();
  EXPECT_EQ(taken(), kRoom) << "the others wait in the kernel's queue";
  EXPECT_EQ(begun.count(), 2);
  go_on.set();
  for (const auto& client : clients) EXPECT_EQ(client->read_all(), "served");
  EXPECT_EQ(taken(), kRoom + 2);
}

TEST(Pool, max_concurrent_requests_counts_those_that_wait) {
  TestServer<ThreadPoolTCPServer> server(
      handler<EchoLine>(), {.workers = 1, .limits = {.max_concurrent_requests = 2}, .log = {}});
  const auto slow = slow_clients(server.address(), 2);
  RawClient third(server.address());
  third.send("hello\n");
  EXPECT_TRUE(gets_nothing(third));
  slow[0]->send("\n");
  EXPECT_EQ(slow[0]->read_all(), "x\n");
  EXPECT_EQ(third.read_all(), "hello\n");
}

TEST(Pool, threads_beyond_the_workers_end) {
  const std::size_t before = threads_of_process();
  TestServer<ThreadPoolTCPServer> server(handler<EchoLine>(), {.workers = 2, .log = {}});
  {
    const auto slow = slow_clients(server.address(), kSlow);
    wait_until("each has a thread", [&] { return threads_of_process() > before + kSlow; });
  }
  // The serving thread, two workers, and one that joins the one before it.
  wait_until("few are left", [&] { return threads_of_process() <= before + 4; });
  EXPECT_EQ(ask(server.address()), "hello\n");
}

TEST(Pool, stops_while_clients_are_slow) {
  TestServer<ThreadPoolTCPServer> server(
      handler<EchoLine>(), {.workers = 1, .limits = {.drain_grace = 20ms}, .log = {}});
  const auto slow = slow_clients(server.address(), kSlow);
  EXPECT_EQ(ask(server.address()), "hello\n");
  server.stop();
}

}  // namespace
}  // namespace socketserver::testing
