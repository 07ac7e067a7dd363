// The one path of errors: whatever throws, the request is closed, the report is made once, and the
// server goes on.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <new>
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

using testing::Event;
using testing::RawClient;
using testing::TestServer;
using Names = std::vector<std::string>;

[[noreturn]] void boom() {
  throw std::runtime_error("boom");
}

/// A handler that throws where it is told to.
struct ThrowingHandler : RecordingHandler {
  ThrowingHandler(Calls& calls, const std::string& where) : RecordingHandler(calls), place(where) {}

  void setup() override {
    RecordingHandler::setup();
    if (place == "setup") boom();
  }
  void handle() override {
    RecordingHandler::handle();
    if (place == "handle" || place == "both") boom();
  }
  void finish() override {
    RecordingHandler::finish();
    if (place == "finish") boom();
    if (place == "both") throw std::logic_error("finish too");
  }

  std::string place;
};

struct ErrorPath : ::testing::Test {
  /// Serves one client of a server whose handler throws at `place`.
  void serve_throwing_at(const char* place) {
    server = make_server<RecordingServer<TCPServer>>(
        kAnyPort, handler<ThrowingHandler>(std::ref(calls), std::string(place)),
        {.log = log.sink()});
    RawClient client(server->server_address());
    server->handle_request();
    EXPECT_TRUE(client.at_eof());
  }

  CapturedLog log;
  Calls calls;
  std::unique_ptr<RecordingServer<TCPServer>> server;
};

const Names kAfterError = {"server_bind",    "server_activate",  "get_request",
                           "verify_request", "process_request",  "finish_request",
                           "handle_error",   "shutdown_request", "close_request"};

TEST_F(ErrorPath, SS_026_handle_throws) {
  serve_throwing_at("handle");
  EXPECT_EQ(calls.all(), (Names{"handler", "setup", "handle", "finish"}));
  EXPECT_EQ(server->calls.all(), kAfterError);
  EXPECT_EQ(log.reports().size(), 1u);
}

TEST_F(ErrorPath, SS_027_setup_throws) {
  serve_throwing_at("setup");
  EXPECT_EQ(calls.all(), (Names{"handler", "setup"}));
  EXPECT_EQ(server->calls.all(), kAfterError);
  EXPECT_EQ(log.reports().size(), 1u);
}

TEST_F(ErrorPath, SS_028_finish_throws) {
  serve_throwing_at("finish");
  EXPECT_EQ(calls.all(), (Names{"handler", "setup", "handle", "finish"}));
  EXPECT_EQ(server->calls.all(), kAfterError);
  EXPECT_EQ(log.reports().size(), 1u);
}

TEST_F(ErrorPath, handle_and_finish_throw_and_both_are_reported) {
  serve_throwing_at("both");
  EXPECT_EQ(server->calls.all(), kAfterError);
  ASSERT_EQ(log.reports().size(), 2u);
  EXPECT_EQ(log.reports()[0], "finish failed too: std::logic_error: finish too");
  EXPECT_NE(log.reports()[1].find("std::runtime_error: boom"), std::string::npos);
}

TEST_F(ErrorPath, SS_034_the_report_names_the_client_and_the_exception) {
  server = make_server<RecordingServer<TCPServer>>(
      kAnyPort, handler<ThrowingHandler>(std::ref(calls), std::string("handle")));
  RawClient client(server->server_address());
  ::testing::internal::CaptureStderr();
  server->handle_request();
  const std::string rule(40, '-');
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            rule + "\nException occurred during processing of request from ('127.0.0.1', " +
                std::to_string(client.address().port()) + ")\nstd::runtime_error: boom\n" + rule +
                '\n');
}

/// What is reported when a handler throws.
std::string report_of(const std::function<void()>& failure) {
  CapturedLog log;
  TCPServer server(kAnyPort, [&](StreamRequestHandler&) { failure(); }, {.log = log.sink()});
  const RawClient client(server.server_address());
  server.handle_request();
  return log.reports().empty() ? "" : log.reports().front();
}

TEST(ErrorReport, what_a_peer_sent_cannot_forge_lines) {
  const auto report = report_of([] { throw std::runtime_error("quoting \r\n\x1b[31m\x7f"); });
  EXPECT_NE(report.find("quoting \\x0d\\x0a\\x1b[31m\\x7f\n"), std::string::npos) << report;
}

TEST(ErrorReport, anything_can_be_thrown) {
  EXPECT_NE(report_of([] { throw 42; }).find("\nint\n"), std::string::npos);
  EXPECT_NE(report_of([] { throw std::bad_alloc(); }).find("\nstd::bad_alloc: "),
            std::string::npos);
}

TEST(ErrorReport, P68_a_client_that_vanished_is_worth_a_debug_line) {
  CapturedLog log;
  Event connected("the handler runs");
  TCPServer server(kAnyPort,
                   [&](StreamRequestHandler& self) {
                     connected.set();
                     self.rfile().readline();
                   },
                   {.log = log.sink()});
  RawClient client(server.server_address());
  std::thread serving([&] { server.handle_request(); });
  connected.wait();
  client.reset();
  serving.join();
  EXPECT_TRUE(log.reports().empty());
  ASSERT_EQ(log.debug().size(), 1u);
  EXPECT_EQ(log.debug().front().rfind("('127.0.0.1', ", 0), 0u) << log.debug().front();
}

TEST(ErrorReport, a_client_that_is_too_slow_is_worth_one_line) {
  CapturedLog log;
  TCPServer server(kAnyPort,
                   [](StreamRequestHandler& self) {
                     self.rfile().set_timeout(Duration::zero());
                     self.rfile().readline();
                   },
                   {.log = log.sink()});
  const RawClient client(server.server_address());
  server.handle_request();
  ASSERT_EQ(log.reports().size(), 1u);
  EXPECT_NE(log.reports().front().find("): read: Connection timed out"), std::string::npos);
}

TEST(ErrorReport, the_same_error_of_something_else_is_reported) {
  for (const std::errc code : {std::errc::broken_pipe, std::errc::timed_out}) {
    const auto report =
        report_of([&] { throw OSError(std::make_error_code(code), "query the database"); });
    EXPECT_NE(report.find("socketserver::OSError: query the database: "), std::string::npos);
  }
}

TEST(ErrorReport, other_os_errors_are_reported) {
  const auto report = report_of(
      [] { throw OSError(std::make_error_code(std::errc::no_space_on_device), "write x"); });
  EXPECT_NE(report.find("socketserver::OSError: write x: No space left on device\n"),
            std::string::npos)
      << report;
}

TEST(RefusedRequest, SS_029_is_shut_down_once_and_not_served) {
  struct Refusing : RecordingServer<TCPServer> {
    using RecordingServer::RecordingServer;
    bool verify_request(Request& request, const Address& client) override {
      return RecordingServer::verify_request(request, client) && false;
    }
  };
  const auto server = make_server<Refusing>(kAnyPort, handler<Echo>());
  RawClient client(server->server_address());
  server->handle_request();
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server->calls.all(), (Names{"server_bind", "server_activate", "get_request",
                                        "verify_request", "shutdown_request", "close_request"}));
}

/// Where a hook of the server throws, and what has to follow.
struct HookFailure {
  const char* hook;
  Names after;
};

template <class Server>
struct HookErrors : ::testing::Test {};
using FailingEngines = ::testing::Types<TCPServer, ThreadingTCPServer>;
TYPED_TEST_SUITE(HookErrors, FailingEngines);

TYPED_TEST(HookErrors, P03_P04_SS_030_SS_033_no_hook_ends_the_loop_or_leaks_the_request) {
  const HookFailure failures[] = {
      {"verify_request", {"handle_error", "shutdown_request", "close_request"}},
      {"process_request", {"handle_error", "shutdown_request", "close_request"}},
      {"finish_request", {"handle_error", "shutdown_request", "close_request"}},
      {"shutdown_request", {}},
      {"close_request", {}},
  };
  for (const HookFailure& failure : failures) {
    SCOPED_TRACE(failure.hook);
    CapturedLog log;
    std::atomic<bool> fail = true;
    const auto server =
        make_server<RecordingServer<TypeParam>>(kAnyPort, handler<Echo>(), {.log = log.sink()});
    server->on_entry[failure.hook] = [&] {
      if (fail.exchange(false)) boom();
    };
    testing::ServerThread running(*server);
    RawClient failing(server->server_address());
    failing.half_close();
    EXPECT_TRUE(failing.at_eof()) << "the request leaked";
    log.reported.wait();
    EXPECT_NE(log.reports().front().find("boom"), std::string::npos);
    RawClient next(server->server_address());
    next.send("next\n");
    next.half_close();
    EXPECT_EQ(next.read_all(), "next\n");
    running.stop();
    EXPECT_EQ(log.reports().size(), 1u);

    // In this order, though the next client's calls may come between.
    const Names calls = server->calls.all();
    auto at = std::ranges::find(calls, failure.hook);
    for (const std::string& expected : failure.after) {
      at = std::find(at, calls.end(), expected);
      ASSERT_NE(at, calls.end()) << expected << " did not follow";
    }
  }
}

TYPED_TEST(HookErrors, SS_033_handle_error_throws) {
  CapturedLog log;
  const auto server = make_server<RecordingServer<TypeParam>>(
      kAnyPort, [](StreamRequestHandler&) { boom(); }, {.log = log.sink()});
  server->on_entry["handle_error"] = [] { throw std::logic_error("while reporting"); };
  testing::ServerThread running(*server);
  for (int i = 1; i <= 2; ++i) {
    RawClient client(server->server_address());
    EXPECT_TRUE(client.at_eof());
    log.reported.wait(i);
  }
  running.stop();
  EXPECT_EQ(log.reports(), Names(2, "handle_error failed: std::logic_error: while reporting"));
  EXPECT_EQ(server->calls.count("close_request"), 2);
}

TYPED_TEST(HookErrors, SS_035_after_a_failure_the_next_client_is_served) {
  CapturedLog log;
  TestServer<TypeParam> server(
      [](StreamRequestHandler& self) {
        if (self.rfile().readline() == "fail\n") boom();
        self.wfile() << "served";
      },
      {.log = log.sink()});
  for (int i = 0; i < 10; ++i) {
    RawClient failing(server.address());
    failing.send("fail\n");
    EXPECT_EQ(failing.read_all(), "");
    RawClient good(server.address());
    good.send("go\n");
    EXPECT_EQ(good.read_all(), "served");
  }
  log.reported.wait(10);
}

TYPED_TEST(HookErrors, what_a_handler_closed_itself_is_shut_down_all_the_same) {
  const auto server = make_server<RecordingServer<TypeParam>>(
      kAnyPort, [](StreamRequestHandler& self) { self.request().close(); });
  testing::ServerThread running(*server);
  RawClient client(server->server_address());
  EXPECT_TRUE(client.at_eof());
  running.stop();
  EXPECT_EQ(server->calls.count("shutdown_request"), 1);
  EXPECT_EQ(server->calls.count("handle_error"), 0);
}

/// Hooks that belong to no request: their exceptions are the caller's.
TYPED_TEST(HookErrors, hooks_without_a_request_throw_to_the_caller) {
  const auto server =
      make_server<RecordingServer<TypeParam>>(kAnyPort, handler<Echo>(), {.timeout = Duration(0)});
  server->on_entry["handle_timeout"] = boom;
  EXPECT_THROW(server->handle_request(), std::runtime_error);
  server->on_entry["service_actions"] = boom;
  EXPECT_THROW(server->serve_forever(std::chrono::milliseconds(1)), std::runtime_error);
  server->on_entry.erase("service_actions");
  server->on_entry["get_request"] = [] { throw std::logic_error("not an OSError"); };
  const RawClient client(server->server_address());
  EXPECT_THROW(server->serve_forever(), std::logic_error);
}

TEST(SystemExitInHandler, SS_032_SS_058_leaves_the_serving_thread_and_ends_the_request_once) {
  const auto server = make_server<RecordingServer<TCPServer>>(
      kAnyPort, [](StreamRequestHandler&) { throw SystemExit{3}; });
  for (const auto& serve : {std::function<void()>([&] { server->handle_request(); }),
                            std::function<void()>([&] { server->serve_forever(); })}) {
    RawClient client(server->server_address());
    EXPECT_THROW(serve(), SystemExit);
    EXPECT_TRUE(client.at_eof());
  }
  EXPECT_EQ(server->calls.count("handle_error"), 0);
  EXPECT_EQ(server->calls.count("shutdown_request"), 2);
  EXPECT_EQ(server->calls.count("close_request"), 2);
  server->shutdown();
}

TEST(SystemExitInHandler, KeyboardInterrupt_does_the_same) {
  TCPServer server(kAnyPort, [](StreamRequestHandler&) { throw KeyboardInterrupt{2}; });
  RawClient client(server.server_address());
  EXPECT_THROW(server.serve_forever(), KeyboardInterrupt);
  EXPECT_TRUE(client.at_eof());
}

TEST(SystemExitInHandler, in_verify_request_it_closes_the_request_first) {
  const auto server = make_server<RecordingServer<TCPServer>>(kAnyPort, handler<Echo>());
  server->on_entry["verify_request"] = [] { throw SystemExit{3}; };
  RawClient client(server->server_address());
  EXPECT_THROW(server->serve_forever(), SystemExit);
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server->calls.count("shutdown_request"), 1);
}

TEST(SystemExitInHandler, SS_065_on_a_worker_thread_it_ends_only_its_request) {
  const auto server =
      make_server<RecordingServer<ThreadingTCPServer>>(kAnyPort, [](StreamRequestHandler& self) {
        if (self.rfile().readline() == "exit\n") throw SystemExit{3};
        self.wfile() << "served";
      });
  testing::ServerThread running(*server);
  RawClient exiting(server->server_address());
  exiting.send("exit\n");
  EXPECT_TRUE(exiting.at_eof());
  RawClient other(server->server_address());
  other.send("go\n");
  EXPECT_EQ(other.read_all(), "served");
  running.stop();
  EXPECT_EQ(server->calls.count("handle_error"), 0);
}

}  // namespace
}  // namespace socketserver
