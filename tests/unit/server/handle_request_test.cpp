#include <gtest/gtest.h>
#include <poll.h>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/raw_client.hpp>

#include "tests/unit/net/signal_storm.hpp"
#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::RawClient;
using Names = std::vector<std::string>;

/// A recording server that nobody serves yet.
std::unique_ptr<RecordingServer<TCPServer>> recording_server(StreamHandler handler,
                                                             ServerOptions options = {}) {
  auto server =
      make_server<RecordingServer<TCPServer>>(kAnyPort, std::move(handler), std::move(options));
  return server;
}

Duration time_of(const std::function<void()>& action) {
  const auto start = Deadline::Clock::now();
  action();
  return Deadline::Clock::now() - start;
}

TEST(HandleRequest, SS_024_two_servers_share_one_poll_loop) {
  TCPServer upper(kAnyPort, [](StreamRequestHandler& self) { self.wfile() << "UPPER"; });
  TCPServer lower(kAnyPort, [](StreamRequestHandler& self) { self.wfile() << "lower"; });
  RawClient to_lower(lower.server_address());
  RawClient to_upper(upper.server_address());
  const std::array<TCPServer*, 2> servers = {&upper, &lower};
  std::array<int, 2> served = {0, 0};
  while (served != std::array{1, 1}) {
    std::array<pollfd, 2> ready = {pollfd{upper.fileno(), POLLIN, 0},
                                   pollfd{lower.fileno(), POLLIN, 0}};
    ASSERT_GT(::poll(ready.data(), ready.size(), 10'000), 0);
    for (std::size_t i = 0; i < servers.size(); ++i) {
      if (ready[i].revents == 0) continue;
      servers[i]->handle_request();
      ++served[i];
    }
  }
  EXPECT_EQ(to_upper.read_all(), "UPPER");
  EXPECT_EQ(to_lower.read_all(), "lower");
}

TEST(HandleRequest, SS_025_calls_the_hooks_in_order) {
  Calls calls;
  const auto server = recording_server(handler<RecordingHandler>(std::ref(calls)));
  for (const char* hook : {"get_request", "verify_request", "process_request", "finish_request",
                           "shutdown_request", "close_request", "handle_error"}) {
    server->on_entry[hook] = [&calls, hook] { calls.add(hook); };
  }
  const RawClient client(server->server_address());
  server->handle_request();
  EXPECT_EQ(calls.all(),
            (Names{"get_request", "verify_request", "process_request", "finish_request", "handler",
                   "setup", "handle", "finish", "shutdown_request", "close_request"}));
}

TEST(HandleRequest, SS_031_a_request_that_was_none_after_all_is_silent) {
  CapturedLog log;
  const auto server = recording_server(handler<Echo>(), {.log = log.sink()});
  server->on_entry["get_request"] = [] {
    throw OSError(std::make_error_code(std::errc::connection_aborted), "accept");
  };
  const RawClient client(server->server_address());
  server->handle_request();
  EXPECT_EQ(server->calls.all(), (Names{"server_bind", "server_activate", "get_request"}));
  EXPECT_TRUE(log.reports().empty());
}

TEST(HandleRequest, SS_036_a_timeout_calls_its_hook_once) {
  const auto server = recording_server(handler<Echo>(), {.timeout = 50ms});
  EXPECT_EQ(server->timeout(), 50ms);
  EXPECT_GE(time_of([&] { server->handle_request(); }), 50ms);
  EXPECT_EQ(server->calls.count("handle_timeout"), 1);
  EXPECT_EQ(server->calls.count("get_request"), 0);
}

TEST(HandleRequest, SS_037_the_shorter_of_both_timeouts_counts) {
  const auto patient_server = recording_server(handler<Echo>(), {.timeout = 1h});
  patient_server->socket().settimeout(30ms);
  EXPECT_GE(time_of([&] { patient_server->handle_request(); }), 30ms);
  EXPECT_EQ(patient_server->calls.count("handle_timeout"), 1);

  const auto patient_socket = recording_server(handler<Echo>(), {.timeout = 30ms});
  patient_socket->socket().settimeout(1h);
  EXPECT_GE(time_of([&] { patient_socket->handle_request(); }), 30ms);
  EXPECT_EQ(patient_socket->calls.count("handle_timeout"), 1);
}

TEST(HandleRequest, SS_038_a_timeout_of_zero_looks_once) {
  const auto server = recording_server(handler<Echo>(), {.timeout = 0ms});
  server->handle_request();
  EXPECT_EQ(server->calls.count("handle_timeout"), 1);
  RawClient client(server->server_address());
  client.half_close();
  server->handle_request();
  EXPECT_EQ(server->calls.count("handle_timeout"), 1);
  EXPECT_EQ(server->calls.count("close_request"), 1);
}

TEST(HandleRequest, SS_039_signals_do_not_extend_the_timeout) {
  const auto server = recording_server(handler<Echo>(), {.timeout = 200ms});
  const SignalStorm storm(10ms);
  EXPECT_GE(time_of([&] { server->handle_request(); }), 200ms);
  EXPECT_EQ(server->calls.count("handle_timeout"), 1);
  EXPECT_GT(SignalStorm::count(), 1);
}

TEST(HandleRequest, SS_040_a_closed_server_is_an_error) {
  TCPServer server(kAnyPort, handler<Echo>());
  server.server_close();
  for (const auto& serve : {std::function<void()>([&] { server.handle_request(); }),
                            std::function<void()>([&] { server.serve_forever(); })}) {
    try {
      serve();
      FAIL();
    } catch (const OSError& error) {
      EXPECT_EQ(error.code(), std::errc::bad_file_descriptor);
    }
  }
}

TEST(HandleRequest, a_server_that_does_not_listen_is_an_error) {
  // Its socket seems ready for ever: swallowing the failed accept would make a busy loop.
  TCPServer server(kAnyPort, handler<Echo>(), {.bind_and_activate = false});
  EXPECT_THROW(server.handle_request(), OSError);
  EXPECT_THROW(server.serve_forever(), OSError);
}

TEST(HandleRequest, SS_041_a_client_that_waits_is_served_at_once) {
  TCPServer server(kAnyPort, handler<Echo>(), {.timeout = 1h});
  RawClient client(server.server_address());
  client.send("early\n");
  client.half_close();
  server.handle_request();
  EXPECT_EQ(client.read_all(), "early\n");
}

TEST(HandleRequest, SS_042_a_client_that_reset_harms_nobody) {
  CapturedLog log;
  TCPServer server(kAnyPort, handler<Echo>(), {.timeout = 0ms, .log = log.sink()});
  RawClient gone(server.server_address());
  gone.send("never answered\n");
  gone.reset();
  server.handle_request();
  RawClient client(server.server_address());
  client.send("still here\n");
  client.half_close();
  server.handle_request();
  EXPECT_EQ(client.read_all(), "still here\n");
  EXPECT_TRUE(log.reports().empty()) << log.reports().front();
}

TEST(HandleRequest, SS_043_service_actions_is_never_called) {
  const auto server = recording_server(handler<Echo>(), {.timeout = 0ms});
  for (int i = 0; i < 3; ++i) {
    RawClient client(server->server_address());
    client.half_close();
    server->handle_request();
    server->handle_request();
  }
  EXPECT_EQ(server->turns.count(), 0);
}

TEST(HandleRequest, is_not_ended_by_shutdown) {
  const auto server = recording_server(handler<Echo>(), {.timeout = 0ms});
  server->shutdown();
  RawClient client(server->server_address());
  client.half_close();
  server->handle_request();
  EXPECT_EQ(server->calls.count("close_request"), 1);
  server->handle_request();
  EXPECT_EQ(server->calls.count("handle_timeout"), 1);
}

TEST(HandleRequest, waits_for_room_as_the_loop_does) {
  Event begun("a handler runs");
  Event go_on("the handlers may end");
  const auto server = make_server<RecordingServer<ThreadingTCPServer>>(
      kAnyPort,
      [&](StreamRequestHandler&) {
        begun.set();
        go_on.wait();
      },
      {.timeout = 20ms, .limits = {.max_concurrent_requests = 1}});
  RawClient first(server->server_address());
  RawClient second(server->server_address());
  server->handle_request();
  begun.wait();
  server->handle_request();
  EXPECT_EQ(server->calls.count("get_request"), 1) << "taken beyond the limit";
  EXPECT_EQ(server->calls.count("handle_timeout"), 1);
  go_on.set();
  EXPECT_TRUE(first.at_eof());
  while (server->calls.count("get_request") == 1) server->handle_request();
  EXPECT_TRUE(second.at_eof());
}

TEST(HandleRequest, goes_on_as_soon_as_there_is_room) {
  Event begun("a handler runs");
  Event go_on("the handlers may end");
  ThreadingTCPServer server(kAnyPort,
                            [&](StreamRequestHandler&) {
                              begun.set();
                              go_on.wait();
                            },
                            {.limits = {.max_concurrent_requests = 1}});
  const RawClient first(server.server_address());
  RawClient second(server.server_address());
  server.handle_request();
  begun.wait();
  std::jthread releaser([&] { go_on.set(); });
  server.handle_request();
  EXPECT_TRUE(second.at_eof());
}

}  // namespace
}  // namespace socketserver
