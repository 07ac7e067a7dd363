// Taking connections when something is scarce: descriptors, memory, threads.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/base/unique_fd.hpp>
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

/// Whether the server ended the connection unserved, by an end or a reset.
bool was_shed(RawClient& client) {
  try {
    return client.at_eof();
  } catch (const TimeoutError&) {
    throw;
  } catch (const OSError& error) {
    return error.code() == std::errc::connection_reset;
  }
}

/// Sets the process's limit of descriptors for a scope.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit limit{.rlim_cur = most, .rlim_max = before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

/// Opens descriptors until there are `count` or no more can be had.
std::vector<UniqueFd> hoard(std::size_t count) {
  std::vector<UniqueFd> hoarded;
  while (hoarded.size() < count) {
    UniqueFd fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!fd) break;
    hoarded.push_back(std::move(fd));
  }
  return hoarded;
}

template <class Server>
struct Shortage : ::testing::Test {};
using LimitedEngines = ::testing::Types<TCPServer, ThreadingTCPServer>;
TYPED_TEST_SUITE(Shortage, LimitedEngines);

TYPED_TEST(Shortage, P13_out_of_descriptors_it_sheds_pauses_and_recovers) {
  CapturedLog log;
  const auto server =
      make_server<RecordingServer<TypeParam>>(kAnyPort, handler<Echo>(), {.log = log.sink()});
  const auto expect_served = [&] {
    RawClient client(server->server_address());
    client.send("served\n");
    client.half_close();
    EXPECT_EQ(client.read_all(), "served\n");
  };
  {
    // A rehearsal: UBSan opens a pipe when it meets a class for the first time, which must not be
    // when there is no descriptor left.
    std::atomic<bool> fail = true;
    server->on_entry["get_request"] = [&] {
      if (fail.exchange(false)) {
        throw OSError({EMFILE, std::system_category()}, "accept");
      }
    };
    RawClient shed(server->server_address());
    ServerThread running(*server, 24h);
    EXPECT_TRUE(was_shed(shed));
    expect_served();
    running.stop();
    server->on_entry.clear();
  }
  const int turns = server->turns.count();
  const Clients unlucky = connected(3, server->server_address());

  const DescriptorLimit limit(256);
  auto hoarded = hoard(1000);
  hoarded.pop_back();
  RawClient lucky(server->server_address());  // takes the one that was free
  ServerThread running(*server, 24h);
  // One after the other: each pause sheds one, who learns of it at once.
  for (const auto& client : unlucky) EXPECT_TRUE(was_shed(*client));
  EXPECT_LE(server->turns.count() - turns, 12) << "a busy loop";
  ASSERT_EQ(log.reports().size(), 2u) << "one report for each shortage, not for each client";
  EXPECT_EQ(log.reports().back(),
            "accept: Too many open files; accepting pauses until there is room again");

  hoarded.resize(hoarded.size() / 2);
  // The last one waited in the queue until there was room again, or was shed just before.
  lucky.half_close();
  EXPECT_TRUE(was_shed(lucky));
  expect_served();
  EXPECT_LE(server->turns.count() - turns, 20) << "a busy loop";
}

TYPED_TEST(Shortage, every_kind_pauses_and_other_errors_do_not) {
  struct Case {
    std::errc code;
    bool pauses;
  };
  for (const Case c :
       {Case{std::errc::too_many_files_open, true},
        Case{std::errc::too_many_files_open_in_system, true},
        Case{std::errc::no_buffer_space, true}, Case{std::errc::not_enough_memory, true},
        Case{std::errc::connection_aborted, false}, Case{std::errc::protocol_error, false}}) {
    CapturedLog log;
    const auto server =
        make_server<RecordingServer<TypeParam>>(kAnyPort, handler<Echo>(), {.log = log.sink()});
    std::atomic<bool> fail = true;
    server->on_entry["get_request"] = [&] {
      if (fail.exchange(false)) throw OSError(std::make_error_code(c.code), "accept");
    };
    RawClient first(server->server_address());
    first.half_close();
    ServerThread running(*server);
    EXPECT_TRUE(first.at_eof());  // shed, or served at the second try
    running.stop();
    EXPECT_EQ(log.reports().size(), c.pauses ? 1u : 0u) << std::make_error_code(c.code);
  }
}

TYPED_TEST(Shortage, handle_request_pauses_too) {
  const auto server = make_server<RecordingServer<TypeParam>>(kAnyPort, handler<Echo>(),
                                                              {.timeout = 10ms, .log = {}});
  server->on_entry["get_request"] = [] {
    throw OSError(std::make_error_code(std::errc::no_buffer_space), "accept");
  };
  const Clients clients = connected(2, server->server_address());
  server->handle_request();
  server->handle_request();
  EXPECT_EQ(server->calls.count("get_request"), 1) << "tried again within 50 ms";
  EXPECT_EQ(server->calls.count("handle_timeout"), 1);
}

TYPED_TEST(Shortage, descriptors_beyond_1024_work) {
  const DescriptorLimit limit(4096);
  const auto hoarded = hoard(1100);
  ASSERT_GT(hoarded.back().get(), 1024);
  TestServer<TypeParam> server(handler<Echo>());
  ASSERT_GT(server->fileno(), 1024);
  RawClient client(server.address());
  client.send("high\n");
  EXPECT_EQ(client.read_until("\n"), "high\n");
  server.stop();
  EXPECT_TRUE(client.at_eof());
}

/// A threading server with room for two, and a third client.
struct FullServer : ::testing::Test {
  void serve(Limits limits) {
    server.emplace(
        [this](StreamRequestHandler& self) {
          begun.set();
          go_on.wait();
          self.wfile() << "served";
        },
        ServerOptions{.limits = limits}, 1ms);
    clients = connected(3, server->address());
    begun.wait(2);
  }

  /// Lets the loop turn often enough to take whatever it would take.
  void let_it_turn() {
    const int now = server->server().turns.count();
    server->server().turns.wait(now + 5);
  }

  Event begun{"a handler runs"};
  Event go_on{"the handlers may end"};
  std::optional<TestServer<RecordingServer<ThreadingTCPServer>>> server;
  Clients clients;
};

TEST_F(FullServer, P02_accepting_pauses_at_the_limit_of_requests) {
  serve({.max_concurrent_requests = 2});
  let_it_turn();
  EXPECT_EQ(begun.count(), 2);
  EXPECT_EQ((*server)->calls.count("get_request"), 2) << "the third waits in the kernel's queue";
  go_on.set();
  for (const auto& client : clients) EXPECT_EQ(client->read_all(), "served");
}

TEST_F(FullServer, accepting_pauses_at_the_limit_of_connections) {
  serve({.max_connections = 2});
  let_it_turn();
  EXPECT_EQ(begun.count(), 2);
  go_on.set();
  for (const auto& client : clients) EXPECT_EQ(client->read_all(), "served");
}

TEST_F(FullServer, stops_all_the_same) {
  serve({.max_concurrent_requests = 2});
  (*server)->shutdown();
  go_on.set();
  server->stop();
  EXPECT_EQ(begun.count(), 2);
}

TEST(Room, is_noticed_without_polling) {
  Event begun("a handler runs");
  Event go_on("the handlers may end");
  TestServer<ThreadingTCPServer> server(
      [&](StreamRequestHandler&) {
        begun.set();
        go_on.wait();
      },
      {.limits = {.max_concurrent_requests = 1}}, 24h);
  const Clients clients = connected(50, server.address());
  begun.wait();
  EXPECT_EQ(begun.count(), 1);
  go_on.set();
  for (const auto& client : clients) EXPECT_TRUE(client->at_eof());
}

}  // namespace
}  // namespace socketserver
