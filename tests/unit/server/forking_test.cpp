#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/server/datagram_handler.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/server/stop_on_signals.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/raw_client.hpp>

#include "tests/unit/server/fixtures.hpp"
#include "tests/unit/server/server_process.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::DatagramClient;
using testing::Event;
using testing::RawClient;

/// Waits until `child` is a zombie, and leaves it one.
void wait_for_zombie(pid_t child) {
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
}

/// The exit status of the only child of `server`, which stays a zombie.
int status_of_child(const ForkingTCPServer& server) {
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(*server.active_children()->begin()), &info, WEXITED | WNOWAIT);
  return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

TEST(Forking, SS_073_a_handler_runs_in_a_child_of_the_server) {
  const ServerProcess<ForkingTCPServer> server([](StreamRequestHandler& self) {
    self.wfile() << std::to_string(::getpid()) << " " << std::to_string(::getppid());
  });
  const std::string reply = RawClient(server.address()).read_all();
  const auto space = reply.find(' ');
  EXPECT_NE(reply.substr(0, space), std::to_string(server.pid()));
  EXPECT_EQ(reply.substr(space + 1), std::to_string(server.pid()));
}

TEST(Forking, SS_074_the_parent_closes_and_the_child_shuts_down) {
  const std::string text(1 << 20, 'x');
  const auto server = make_server<RecordingServer<ForkingTCPServer>>(
      kAnyPort, [&](StreamRequestHandler& self) { self.wfile() << text; }, forking());
  SharedEvent shut_down("shutdown_request is called");
  server->on_entry["shutdown_request"] = [&] { shut_down.set(); };
  RawClient client(server->server_address());
  server->handle_request();
  EXPECT_EQ(client.read_all(), text);
  EXPECT_EQ(server->calls.count("close_request"), 1);
  EXPECT_EQ(server->calls.count("finish_request"), 0);
  EXPECT_EQ(server->calls.count("shutdown_request"), 0);
  EXPECT_EQ(shut_down.count(), 1);
}

TEST(Forking, SS_075_the_exit_status_tells_how_it_went) {
  struct Case {
    void (*handle)();
    int status;
    int errors;
  };
  for (const auto& [handle, status, errors] :
       {Case{[] {}, 0, 0}, Case{[] { throw std::runtime_error("boom"); }, 1, 1},
        Case{[] { throw SystemExit{3}; }, 1, 0}, Case{[] { throw KeyboardInterrupt{2}; }, 1, 0}}) {
    const auto server = make_server<RecordingServer<ForkingTCPServer>>(
        kAnyPort, [handle](StreamRequestHandler&) { handle(); }, forking({.log = {}}));
    SharedEvent errors_in_child("handle_error is called");
    server->on_entry["handle_error"] = [&] { errors_in_child.set(); };
    RawClient client(server->server_address());
    server->handle_request();
    EXPECT_TRUE(client.at_eof());
    EXPECT_EQ(status_of_child(*server), status);
    EXPECT_EQ(errors_in_child.count(), errors);
    EXPECT_EQ(server->calls.count("handle_error"), 0) << "not in the parent";
  }
}

TEST(Forking, SS_076_active_children) {
  ForkingTCPServer server(kAnyPort, handler<Echo>(), forking());
  EXPECT_FALSE(server.active_children().has_value());
  RawClient client(server.server_address());
  server.handle_request();
  ASSERT_TRUE(server.active_children().has_value());
  EXPECT_EQ(server.active_children()->size(), 1u);
  client.half_close();  // the child has a copy of it, which `close` would leave open
  server.collect_children(true);
  ASSERT_TRUE(server.active_children().has_value());
  EXPECT_TRUE(server.active_children()->empty());
}

TEST(Forking, SS_077_service_actions_and_handle_timeout_collect_without_blocking) {
  struct Open : ForkingTCPServer {
    using ForkingTCPServer::ForkingTCPServer;
    using ForkingTCPServer::handle_timeout;
    using ForkingTCPServer::service_actions;
  };
  Open server(kAnyPort, handler<Echo>(), forking());
  for (const auto collect : {&Open::service_actions, &Open::handle_timeout}) {
    RawClient client(server.server_address());
    server.handle_request();
    const pid_t child = *server.active_children()->begin();
    (server.*collect)();
    EXPECT_EQ(server.active_children()->size(), 1u) << "it is still running";
    client.half_close();
    wait_for_zombie(child);
    (server.*collect)();
    EXPECT_TRUE(server.active_children()->empty());
    EXPECT_EQ(::kill(child, 0), -1);
  }
}

TEST(Forking, SS_077_zombies_go_at_once_although_nothing_else_happens) {
  const ServerProcess<ForkingTCPServer> server(
      handler<Echo>(), {}, [](ForkingTCPServer& serving) { serving.serve_forever(1h); });
  RawClient client(server.address());
  testing::wait_until("it forks", [&] { return children_of(server.pid()).size() == 1; });
  client.close();
  testing::wait_until("its child is waited for", [&] { return children_of(server.pid()).empty(); });
}

// Far more than the 40 children that a server allows at a time.
#if defined(NDEBUG)
constexpr int kManyForks = 10'000;
#else
constexpr int kManyForks = 500;
#endif

TEST(Forking, SS_077_ten_thousand_forks_leave_no_zombie) {
  const ServerProcess<ForkingTCPServer> server(
      [](StreamRequestHandler& self) { self.wfile() << "served"; });
  std::size_t most = 0;
  for (int i = 0; i < kManyForks; ++i) {
    ASSERT_EQ(RawClient(server.address()).read_all(), "served");
    most = std::max(most, children_of(server.pid()).size());
  }
  EXPECT_LT(most, 20u) << "zombies are collected while clients come";
  testing::wait_until("no child is left", [&] { return children_of(server.pid()).empty(); });
}

TEST(Forking, SS_078_P26_defaults) {
  const ForkingTCPServer server(kAnyPort, handler<Echo>());
  EXPECT_EQ(server.timeout(), 300s);
  EXPECT_EQ(server.max_children(), 40u);
  EXPECT_TRUE(server.block_on_close());
  const ForkingTCPServer other(kAnyPort, handler<Echo>(),
                               {.timeout = 1s, .limits = {.max_connections = 7}});
  EXPECT_EQ(other.timeout(), 1s);
  EXPECT_EQ(other.max_children(), 7u);
}

using Run = ServerProcess<ForkingTCPServer>::Run;

class ForkingLimit : public ::testing::TestWithParam<Run> {};

TEST_P(ForkingLimit, SS_079_P10_a_third_client_waits_for_one_of_two_children) {
  const Shared<std::atomic<int>> running;
  const Shared<std::atomic<bool>> too_many;
  const ServerProcess<ForkingTCPServer> server(
      [&](StreamRequestHandler& self) {
        if (++*running > 2) *too_many = true;
        self.wfile() << "begun\n";
        self.rfile().readline();
        --*running;
      },
      {.limits = {.max_concurrent_requests = 2}}, GetParam());
  RawClient first(server.address());
  RawClient second(server.address());
  first.read_until("begun\n");
  second.read_until("begun\n");
  RawClient third(server.address());
  for (RawClient* const client : {&first, &second, &third}) {
    if (client == &third) client->read_until("begun\n");
    client->send("end\n");
    EXPECT_TRUE(client->at_eof());
  }
  EXPECT_FALSE(*too_many);
}

INSTANTIATE_TEST_SUITE_P(Loops, ForkingLimit,
                         ::testing::Values(Run([](ForkingTCPServer& s) { s.serve_forever(1h); }),
                                           Run([](ForkingTCPServer& s) {
                                             for (int i = 0; i < 3; ++i) s.handle_request();
                                             s.server_close();
                                           })));

TEST(Forking, SS_080_P09_other_children_of_the_program_are_never_waited_for) {
  ForkingTCPServer server(kAnyPort, handler<Echo>(),
                          forking({.limits = {.max_concurrent_requests = 1}}));
  const pid_t foreign = ::fork();
  if (foreign == 0) ::_exit(7);
  wait_for_zombie(foreign);
  for (int i = 0; i < 2; ++i) {
    RawClient client(server.server_address());
    client.half_close();
    server.handle_request();
    EXPECT_TRUE(client.at_eof());
  }
  server.server_close();
  EXPECT_EQ(status_of(foreign), 7);
}

TEST(Forking, SS_080_children_that_somebody_else_waited_for_are_forgotten) {
  ForkingTCPServer server(kAnyPort, handler<Echo>(), forking());
  RawClient client(server.server_address());
  server.handle_request();
  client.half_close();
  EXPECT_EQ(status_of(*server.active_children()->begin()), 0);
  server.collect_children(true);
  EXPECT_TRUE(server.active_children()->empty());
}

/// A server that has forked a child which works on a request until it is told to end.
struct BusyChild {
  explicit BusyChild(ServerOptions options)
      : server(
            kAnyPort,
            [this](StreamRequestHandler&) {
              begun.set();
              go_on.wait();
              ended.set();
            },
            forking(std::move(options))),
        client(server.server_address()) {
    server.handle_request();
    begun.wait();
  }

  SharedEvent begun{"the handler runs"};
  SharedEvent go_on{"the handler may end"};
  SharedEvent ended{"the handler ends"};
  ForkingTCPServer server;
  RawClient client;
};

TEST(ForkingClose, SS_081_server_close_waits_for_children) {
  BusyChild busy({});
  std::jthread releasing([&] {
    testing::wait_until("server_close() waits", [&] { return busy.server.stop_requested(); });
    busy.go_on.set();
  });
  busy.server.server_close();
  EXPECT_EQ(busy.ended.count(), 1);
  EXPECT_TRUE(busy.server.active_children()->empty());
}

TEST(ForkingClose, SS_082_but_not_when_told_not_to_block) {
  BusyChild busy({.block_on_close = false});
  busy.server.server_close();
  EXPECT_EQ(busy.ended.count(), 0);
  EXPECT_EQ(busy.server.active_children()->size(), 1u);
  busy.go_on.set();
  busy.server.collect_children(true);
  EXPECT_EQ(busy.ended.count(), 1);
}

TEST(ForkingClose, SS_085_P11_a_new_server_binds_the_port_while_a_child_still_works) {
  BusyChild busy({.allow_reuse_address = true, .block_on_close = false});
  const Address address = busy.server.server_address();
  busy.server.server_close();
  const ForkingTCPServer successor(address, handler<Echo>(), {.allow_reuse_address = true});
  EXPECT_EQ(busy.ended.count(), 0);
  busy.go_on.set();
  busy.server.collect_children(true);
}

TEST(ForkingClose, destroying_a_server_waits_for_children) {
  pid_t child = 0;
  SharedEvent begun("the handler waits for the rest");
  {
    ForkingTCPServer server(
        kAnyPort,
        [&](StreamRequestHandler& self) {
          self.rfile().read(4);
          begun.set();
          self.rfile().read(4);
        },
        forking({.limits = {.drain_grace = 10ms}, .log = {}}));
    RawClient client(server.server_address());
    client.send("half");
    server.handle_request();
    child = *server.active_children()->begin();
    begun.wait();
  }
  EXPECT_EQ(::kill(child, 0), -1);
}

TEST(Forking, SS_083_the_parents_fields_do_not_change) {
  struct Counting : ForkingTCPServer {
    using ForkingTCPServer::ForkingTCPServer;
    int requests = 0;
  };
  const auto server = make_server<Counting>(
      kAnyPort,
      [](StreamRequestHandler& self) {
        self.wfile() << std::to_string(++self.server_as<Counting>().requests);
      },
      forking());
  for (int i = 0; i < 3; ++i) {
    RawClient client(server->server_address());
    server->handle_request();
    EXPECT_EQ(client.read_all(), "1");
  }
  EXPECT_EQ(server->requests, 0);
}

/// What is printed before the fork and in the handler, as it arrives at standard output.
template <class Before, class Then>
void expect_output_once(Before before, Then then) {
  std::FILE* const file = std::tmpfile();
  ServerProcess<ForkingTCPServer> server([then](StreamRequestHandler&) { then("and after it"); },
                                         {},
                                         [file, before](ForkingTCPServer& serving) {
                                           ::dup2(::fileno(file), STDOUT_FILENO);
                                           before("before the fork ");
                                           serving.handle_request();
                                           serving.collect_children(true);
                                         });
  EXPECT_TRUE(RawClient(server.address()).at_eof());
  EXPECT_EQ(server.wait(), 0);
  std::rewind(file);
  char text[100] = {};
  EXPECT_NE(std::fgets(text, sizeof text, file), nullptr);
  EXPECT_STREQ(text, "before the fork and after it");
  std::fclose(file);
}

TEST(Forking, SS_084_P12_unflushed_output_appears_once) {
  const auto print = [](const char* text) { std::fputs(text, stdout); };
  expect_output_once(print, print);
}

TEST(Forking, SS_084_P12_output_of_unsynchronized_streams_appears_once) {
  const auto print = [](const char* text) { std::cout << text; };
  expect_output_once(
      [print](const char* text) {
        std::ios::sync_with_stdio(false);
        print(text);
      },
      print);
}

TEST(Forking, SS_086_over_udp) {
  const ServerProcess<ForkingUDPServer> server(
      [](DatagramRequestHandler& self) { self.wfile() << self.rfile().read(100); });
  DatagramClient client(server.address());
  for (const char* word : {"one", "two", "three"}) EXPECT_EQ(client.ask(word), word);
}

TEST(Forking, SS_086_over_unix_sockets) {
  const ServerProcess<ForkingUnixStreamServer> streams(handler<Echo>());
  for (const char* line : {"one\n", "two\n", "three\n"}) {
    EXPECT_EQ(echoed(streams.address(), line), line);
  }
  const ServerProcess<ForkingUnixDatagramServer> packets(
      [](DatagramRequestHandler& self) { self.wfile() << self.rfile().read(100); });
  DatagramClient client(packets.address());
  for (const char* word : {"one", "two", "three"}) EXPECT_EQ(client.ask(word), word);
}

TEST(Forking, SS_087_a_handler_of_a_synchronous_server_forks_by_itself) {
  const ServerProcess<TCPServer> server([](StreamRequestHandler& self) {
    const pid_t child = ::fork();
    if (child == 0) {
      self.wfile() << "from " << std::to_string(::getpid());
      ::_exit(0);
    }
    EXPECT_EQ(status_of(child), 0);
  });
  for (int i = 0; i < 2; ++i) {
    const std::string reply = RawClient(server.address()).read_all();
    EXPECT_EQ(reply.rfind("from ", 0), 0u);
    EXPECT_NE(reply, "from " + std::to_string(server.pid()));
  }
}

TEST(ForkingThreads, a_process_with_threads_is_not_forked_unasked) {
  CapturedLog log;
  const auto server = make_server<RecordingServer<ForkingTCPServer>>(
      kAnyPort, handler<Echo>(), ServerOptions{.log = log.sink()});
  Event go_on("the other thread may end");
  std::jthread other([&] { go_on.wait(); });
  RawClient client(server->server_address());
  server->handle_request();
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server->calls.count("handle_error"), 1);
  EXPECT_FALSE(server->active_children().has_value());
  ASSERT_EQ(log.reports().size(), 1u);
  const std::string report = log.reports().front();
  EXPECT_NE(report.find("set fork_with_threads"), std::string::npos) << report;
  EXPECT_NE(report.find("Operation not permitted"), std::string::npos) << report;
  go_on.set();
}

/// Serves one client, who gets its line back.
void expect_served(ForkingTCPServer& server) {
  RawClient client(server.server_address());
  client.send("x\n");
  client.half_close();
  server.handle_request();
  EXPECT_EQ(client.read_all(), "x\n");
}

TEST(ForkingThreads, unless_the_options_say_so) {
  ForkingTCPServer server(kAnyPort, handler<Echo>(), {.fork_with_threads = true});
  Event go_on("the other thread may end");
  std::jthread other([&] { go_on.wait(); });
  expect_served(server);
  go_on.set();
}

TEST(ForkingThreads, a_stream_that_another_thread_has_locked_does_not_matter) {
  ForkingTCPServer server(kAnyPort, handler<Echo>(), {.fork_with_threads = true});
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::tmpfile(), &std::fclose);
  Event locked("the other thread has it locked");
  Event go_on("the other thread may end");
  std::jthread other([&] {
    ::flockfile(stream.get());  // as who waits for input has
    locked.set();
    go_on.wait();
    ::funlockfile(stream.get());
  });
  locked.wait();
  expect_served(server);
  go_on.set();
}

TEST(ForkingThreads, threads_that_have_ended_do_not_matter) {
  if (kThreadSanitizer) GTEST_SKIP() << "ThreadSanitizer's own thread never ends";
  constexpr int kTimes = 20;
  ServerProcess<ForkingTCPServer> server(handler<Echo>(), {}, [](ForkingTCPServer& serving) {
    for (int i = 0; i < kTimes; ++i) {
      std::thread([] {}).join();
      serving.handle_request();
      serving.collect_children(true);
    }
    serving.server_close();
  });
  for (int i = 0; i < kTimes; ++i) {
    RawClient client(server.address());
    client.send("x\n");
    client.half_close();
    EXPECT_EQ(client.read_all(), "x\n");
  }
  EXPECT_EQ(server.wait(), 0);
}

/// Makes the system refuse every new process of this one, for good.
void forbid_processes() {
  const sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
  };
  const sock_fprog filter{.len = std::size(program), .filter = const_cast<sock_filter*>(program)};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

TEST(ForkingResources, a_fork_that_fails_is_the_requests_error) {
  using Server = RecordingServer<ForkingTCPServer>;
  SharedLog log;
  ServerProcess<Server> server(handler<Echo>(), {.log = log.sink()}, [](Server& serving) {
    forbid_processes();
    for (int i = 0; i < 2; ++i) serving.handle_request();
    EXPECT_EQ(serving.calls.count("handle_error"), 2);
    EXPECT_EQ(serving.calls.count("shutdown_request"), 2);
    serving.server_close();
  });
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(RawClient(server.address()).at_eof());
  EXPECT_EQ(server.wait(), 0);
  EXPECT_NE(log.all().find("fork: Resource temporarily unavailable"), std::string::npos);
}

TEST(ForkingResources, two_hundred_requests_leave_nothing_behind) {
  ServerProcess<ForkingTCPServer> server(handler<Echo>(), {}, [](ForkingTCPServer& serving) {
    const int descriptors = open_descriptors();
    serving.serve_forever();
    EXPECT_TRUE(serving.active_children()->empty());
    EXPECT_EQ(open_descriptors(), descriptors + 1) << "the one that watches the children";
  });
  for (int i = 0; i < 200; ++i) ASSERT_EQ(echoed(server.address(), "x\n"), "x\n");
  EXPECT_EQ(server.stop(), 0);
}

TEST(ForkingResources, a_killed_child_is_reported_and_leaves_room_for_the_next) {
  CapturedLog log;
  ForkingTCPServer server(kAnyPort, handler<Echo>(),
                          forking({.limits = {.max_concurrent_requests = 1}, .log = log.sink()}));
  RawClient first(server.server_address());
  server.handle_request();
  const pid_t child = *server.active_children()->begin();
  RawClient second(server.server_address());
  second.half_close();
  ::kill(child, SIGKILL);
  server.handle_request();
  EXPECT_TRUE(first.at_eof());
  EXPECT_TRUE(second.at_eof());
  ASSERT_EQ(log.reports().size(), 1u);
  EXPECT_EQ(log.reports().front(),
            "child process " + std::to_string(child) + " of a request ended by signal 9 (SIGKILL)");
}

TEST(ForkingResources, a_client_counts_for_its_address_until_the_child_has_ended) {
  ForkingTCPServer server(kAnyPort, handler<Echo>(),
                          forking({.limits = {.max_connections_per_ip = 1}, .log = {}}));
  RawClient first(server.server_address());
  server.handle_request();
  RawClient refused(server.server_address());
  server.handle_request();
  EXPECT_TRUE(refused.at_eof());
  first.half_close();
  server.collect_children(true);
  RawClient second(server.server_address());
  second.send("served\n");
  server.handle_request();
  EXPECT_EQ(second.read_until("\n"), "served\n");
}

TEST(ForkingDrain, idle_connections_end_at_once_and_busy_ones_finish) {
  SharedEvent begun("a handler runs");
  SharedEvent working("a handler works on a request");
  SharedEvent go_on("the work may end");
  ServerProcess<ForkingTCPServer> server([&](StreamRequestHandler& self) {
    begun.set();
    while (const auto line = self.rfile().readline()) {
      working.set();
      go_on.wait();
      self.wfile() << "answer to " << *line;
    }
  });
  RawClient idle(server.address());
  RawClient busy(server.address());
  begun.wait(2);
  busy.send("request\n");
  working.wait();
  server.copy().shutdown();
  EXPECT_TRUE(idle.at_eof());
  go_on.set();
  EXPECT_EQ(busy.read_all(), "answer to request\n");
  EXPECT_EQ(server.wait(), 0);
}

TEST(ForkingDrain, SS_056_shutdown_in_a_handler_ends_the_parents_loop) {
  ServerProcess<ForkingTCPServer> server([](StreamRequestHandler& self) {
    self.server().shutdown();
    std::thread([&] { self.server().shutdown(); }).join();  // nor waits for a loop of its own
    self.wfile() << "bye";
  });
  EXPECT_EQ(RawClient(server.address()).read_all(), "bye");
  EXPECT_EQ(server.wait(), 0);
}

TEST(ForkingDrain, half_done_requests_are_cut_when_the_grace_ends) {
  SharedEvent cut("the wait is cancelled");
  ServerProcess<ForkingTCPServer> server(
      [&](StreamRequestHandler& self) {
        self.rfile().read(4);
        self.server().shutdown();
        try {
          self.rfile().read(4);
        } catch (const OSError& error) {
          if (error.code() == std::errc::operation_canceled) cut.set();
        }
      },
      {.limits = {.drain_grace = 20ms}, .log = {}});
  RawClient client(server.address());
  client.send("half");
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server.wait(), 0);
  EXPECT_EQ(cut.count(), 1);
}

[[noreturn]] void never_end() {
  for (;;) ::pause();
}

TEST(ForkingDrain, a_child_that_does_not_wait_is_killed) {
  SharedLog log;
  ServerProcess<ForkingTCPServer> server(
      [](StreamRequestHandler& self) {
        self.server().shutdown();
        never_end();
      },
      {.limits = {.drain_grace = 10ms}, .log = log.sink()});
  EXPECT_TRUE(RawClient(server.address()).at_eof());
  EXPECT_EQ(server.wait(), 0);
  EXPECT_EQ(log.next(), "drain: requests cut short after the grace period: 1");
  EXPECT_EQ(log.next(), "drain: child processes killed: 1");
  EXPECT_EQ(log.all(), "");
}

TEST(ForkingDrain, SS_082_or_left_alone_when_told_not_to_block) {
  SharedEvent go_on("the handler may end");
  ServerProcess<ForkingTCPServer> server(
      [&](StreamRequestHandler& self) {
        self.server().shutdown();
        go_on.wait();
        self.wfile() << "finished";
      },
      {.block_on_close = false, .limits = {.drain_grace = 10ms}, .log = {}},
      [&](ForkingTCPServer& serving) {
        serving.serve_forever();
        serving.server_close();
        EXPECT_EQ(serving.active_children()->size(), 1u);
        go_on.set();
        serving.collect_children(true);
      });
  EXPECT_EQ(RawClient(server.address()).read_all(), "finished");
  EXPECT_EQ(server.wait(), 0);
}

/// Serves as the leader of a process group, as a shell runs a program, until a signal.
void serve_in_a_group(ForkingTCPServer& server) {
  ::setpgid(0, 0);
  const StopOnSignals stop(server);
  server.serve_forever();
}

TEST(ForkingSignals, a_signal_of_the_terminal_lets_children_finish) {
  SharedEvent begun("the handler runs");
  SharedEvent go_on("the handler may end");
  ServerProcess<ForkingTCPServer> server(
      [&](StreamRequestHandler& self) {
        begun.set();
        go_on.wait();
        self.wfile() << "finished";
      },
      {}, serve_in_a_group);
  RawClient client(server.address());
  begun.wait();
  ::kill(-server.pid(), SIGINT);
  testing::wait_until("the server stops", [&] { return server.copy().stop_requested(); });
  go_on.set();
  EXPECT_EQ(client.read_all(), "finished");
  EXPECT_EQ(server.wait(), server.kInterrupted);
}

TEST(ForkingSignals, a_second_signal_cuts_the_drain_short) {
  SharedEvent begun("the handler runs");
  ServerProcess<ForkingTCPServer> server(
      [&](StreamRequestHandler&) {
        begun.set();
        never_end();
      },
      {.limits = {.drain_grace = 1h}, .log = {}}, serve_in_a_group);
  RawClient client(server.address());
  begun.wait();
  ::kill(-server.pid(), SIGINT);
  testing::wait_until("the server stops", [&] { return server.copy().stop_requested(); });
  ::kill(-server.pid(), SIGINT);
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server.wait(), server.kInterrupted);
}

TEST(ForkingSignals, SIGTERM_ends_a_child_and_not_its_server) {
  CapturedLog log;
  ForkingTCPServer server(kAnyPort, handler<Echo>(), forking({.log = log.sink()}));
  const StopOnSignals stop(server);
  RawClient client(server.server_address());
  server.handle_request();
  ::kill(*server.active_children()->begin(), SIGTERM);
  server.collect_children(true);
  EXPECT_TRUE(client.at_eof());
  EXPECT_FALSE(server.stop_requested());
  EXPECT_EQ(log.reports().size(), 1u);
}

}  // namespace
}  // namespace socketserver
