#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/server/datagram_handler.hpp>
#include <socketserver/server/prefork_mixin.hpp>
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

using PreforkTCPServer = PreforkMixIn<TCPServer>;
using PreforkThreadingTCPServer = PreforkMixIn<ThreadingTCPServer>;

/// Says which process serves, then echoes.
void tell_pid_and_echo(StreamRequestHandler& self) {
  self.wfile() << std::to_string(::getpid()) << "\n";
  while (auto line = self.rfile().readline()) self.wfile() << *line;
}

pid_t pid_told(RawClient& client) {
  return std::stoi(client.read_until("\n"));
}

/// The process that serves the next connection.
pid_t serving_pid(const Address& server) {
  RawClient client(server);
  return pid_told(client);
}

/// Waits until `master` has `count` workers that are none of `former`.
std::set<pid_t> workers_of(pid_t master, std::size_t count, const std::set<pid_t>& former = {}) {
  std::set<pid_t> workers;
  testing::wait_until("there are so many workers", [&] {
    workers = children_of(master);
    return workers.size() == count &&
           std::ranges::none_of(workers, [&](pid_t pid) { return former.contains(pid); });
  });
  return workers;
}

TEST(Prefork, workers_of_the_master_serve) {
  const ServerProcess<PreforkTCPServer> server(tell_pid_and_echo, {.workers = 2});
  const std::set<pid_t> workers = workers_of(server.pid(), 2);
  // Each keeps a worker busy, so the second is the other's.
  RawClient first(server.address());
  const pid_t first_pid = pid_told(first);
  RawClient second(server.address());
  const pid_t second_pid = pid_told(second);
  EXPECT_EQ((std::set{first_pid, second_pid}), workers);
  second.send("x\n");
  EXPECT_EQ(second.read_until("\n"), "x\n");
}

TEST(Prefork, has_a_worker_for_each_core_by_default) {
  const PreforkTCPServer server(kAnyPort, handler<Echo>());
  EXPECT_EQ(server.workers(), std::max(1u, std::thread::hardware_concurrency()));
  EXPECT_TRUE(server.worker_pids().empty());
}

TEST(Prefork, processes_are_told_apart_from_the_workers_of_each) {
  const PreforkTCPServer both(kAnyPort, handler<Echo>(), {.workers = 5, .processes = 3});
  EXPECT_EQ(both.workers(), 3);
  const PreforkTCPServer one_number(kAnyPort, handler<Echo>(), {.workers = 5});
  EXPECT_EQ(one_number.workers(), 5);
}

TEST(Prefork, each_worker_serves_as_the_server_beneath_does) {
  const ServerProcess<PreforkThreadingTCPServer> threads(tell_pid_and_echo, {.workers = 1});
  RawClient first(threads.address());
  RawClient second(threads.address());
  EXPECT_EQ(pid_told(first), pid_told(second));

  const ServerProcess<PreforkMixIn<FiberTCPServer>> fibers(tell_pid_and_echo);
  RawClient quick(fibers.address());
  const pid_t worker = pid_told(quick);
  EXPECT_TRUE(children_of(fibers.pid()).contains(worker));

  const ServerProcess<PreforkMixIn<ForkingTCPServer>> children(tell_pid_and_echo, {.workers = 1});
  RawClient third(children.address());
  RawClient fourth(children.address());
  EXPECT_NE(pid_told(third), pid_told(fourth));
}

TEST(Prefork, serves_every_transport) {
  const ServerProcess<PreforkMixIn<UnixStreamServer>> streams(handler<Echo>(), {.workers = 2});
  RawClient client(streams.address());
  client.send("x\n");
  EXPECT_EQ(client.read_until("\n"), "x\n");

  const auto echo = [](DatagramRequestHandler& self) { self.wfile() << self.rfile().read(100); };
  const ServerProcess<PreforkMixIn<UDPServer>> udp(echo, {.workers = 2});
  const ServerProcess<PreforkMixIn<UnixDatagramServer>> packets(echo, {.workers = 2});
  for (const char* word : {"one", "two", "three"}) {
    EXPECT_EQ(DatagramClient(udp.address()).ask(word), word);
    EXPECT_EQ(DatagramClient(packets.address()).ask(word), word);
  }
}

TEST(Prefork, handle_request_serves_in_the_process_itself) {
  PreforkTCPServer server(kAnyPort, tell_pid_and_echo);
  RawClient client(server.server_address());
  client.half_close();
  server.handle_request();
  EXPECT_EQ(pid_told(client), ::getpid());
}

TEST(Prefork, workers_share_no_event_loop_with_a_master_that_has_served) {
  SharedEvent served("the master has an event loop");
  const ServerProcess<PreforkMixIn<FiberTCPServer>> server(
      tell_pid_and_echo, {.timeout = 1ms, .workers = 1, .processes = 2},
      [&](PreforkMixIn<FiberTCPServer>& serving) {
        serving.handle_request();  // times out
        served.set();
        serving.serve_forever();
      });
  served.wait();
  std::vector<RawClient> clients;
  std::set<pid_t> pids;
  for (int i = 0; i < 40; ++i) pids.insert(pid_told(clients.emplace_back(server.address())));
  for (RawClient& client : clients) client.send("x\n");
  for (RawClient& client : clients) EXPECT_EQ(client.read_until("\n"), "x\n");
}

TEST(Prefork, the_master_knows_its_workers) {
  struct Telling : PreforkTCPServer {
    using PreforkTCPServer::PreforkTCPServer;
    void service_actions() override {
      if (worker_pids().size() == 3 && worker_pids() == children_of(::getpid())) shutdown();
    }
  };
  ServerProcess<Telling> server(handler<Echo>(), {.workers = 3},
                                [](Telling& serving) { serving.serve_forever(1ms); });
  EXPECT_EQ(server.wait(), 0);
}

TEST(Prefork, SS_051_serves_again_and_leaves_nothing_behind) {
  SharedEvent ended("serve_forever() returns");
  ServerProcess<PreforkTCPServer> server(
      [](StreamRequestHandler& self) { self.server().shutdown(); }, {.workers = 2},
      [&](PreforkTCPServer& serving) {
        const int descriptors = open_descriptors();
        for (int i = 0; i < 2; ++i) {
          serving.serve_forever();
          ended.set();
        }
        EXPECT_EQ(open_descriptors(), descriptors);
        EXPECT_TRUE(serving.worker_pids().empty());
      });
  EXPECT_TRUE(RawClient(server.address()).at_eof());
  ended.wait();
  EXPECT_TRUE(RawClient(server.address()).at_eof());
  EXPECT_EQ(server.wait(), 0);
}

TEST(PreforkStop, SS_056_shutdown_in_a_handler_ends_all) {
  ServerProcess<PreforkTCPServer> server(
      [](StreamRequestHandler& self) {
        self.server().shutdown();
        self.wfile() << "bye";
      },
      {.workers = 3});
  EXPECT_EQ(RawClient(server.address()).read_all(), "bye");
  EXPECT_EQ(server.wait(), 0);
}

/// Signals `begun`, then works on its request until `go_on`.
struct Work {
  SharedEvent begun{"the handler runs"};
  SharedEvent go_on{"the handler may end"};

  StreamHandler handler() {
    return [this](StreamRequestHandler& self) {
      begun.set();
      go_on.wait();
      self.wfile() << "finished";
    };
  }
};

TEST(PreforkStop, TERM_lets_workers_finish) {
  Work work;
  ServerProcess<PreforkTCPServer> server(work.handler(), {.workers = 2});
  RawClient client(server.address());
  work.begun.wait();
  server.signal(SIGTERM);
  testing::wait_until("the server stops", [&] { return server.copy().stop_requested(); });
  work.go_on.set();
  EXPECT_EQ(client.read_all(), "finished");
  EXPECT_EQ(server.wait(), 0);
}

/// A handler that waits for the second half of a request.
struct HalfARequest {
  SharedEvent waiting{"the handler waits for the rest"};
  SharedEvent cut{"its wait is cancelled"};

  StreamHandler handler() {
    return [this](StreamRequestHandler& self) {
      self.rfile().read(4);
      waiting.set();
      try {
        self.rfile().read(4);
      } catch (const OSError& error) {
        if (error.code() == std::errc::operation_canceled) cut.set();
      }
    };
  }
};

TEST(PreforkStop, INT_and_QUIT_cancel_all_waits_at_once) {
  for (const int signal : {SIGINT, SIGQUIT}) {
    HalfARequest half_a_request;
    ServerProcess<PreforkTCPServer> server(half_a_request.handler(),
                                           {.workers = 1, .limits = {.drain_grace = 1h}});
    RawClient client(server.address());
    client.send("half");
    half_a_request.waiting.wait();
    server.signal(signal);
    EXPECT_TRUE(client.at_eof());
    EXPECT_EQ(server.wait(), 0);
    EXPECT_EQ(half_a_request.cut.count(), 1);
  }
}

template <class Server>
struct PreforkOver : ::testing::Test {};
using Workers = ::testing::Types<TCPServer, ThreadingTCPServer, ThreadPoolTCPServer,
                                 ForkingTCPServer, FiberTCPServer>;
TYPED_TEST_SUITE(PreforkOver, Workers);

TYPED_TEST(PreforkOver, workers_stop_as_any_server_does) {
  SharedEvent waiting("a handler waits for the rest");
  const auto handle = [&](StreamRequestHandler& self) {
    waiting.set();
    self.rfile().read(4);
    waiting.set();
    self.rfile().read(4);
  };
  // TERM ends what is idle; a grace that is over, and INT at once, what is half-done.
  for (const int signal : {SIGTERM, SIGINT}) {
    const int before = waiting.count();
    ServerProcess<PreforkMixIn<TypeParam>> server(
        handle, {.workers = 1,
                 .limits = {.drain_grace = signal == SIGINT ? Duration(1h) : 20ms},
                 .log = {}});
    RawClient client(server.address());
    client.send("half");
    waiting.wait(before + 2);
    server.signal(signal);
    EXPECT_TRUE(client.at_eof());
    EXPECT_EQ(server.wait(), 0);
  }
}

TEST(PreforkStop, a_second_TERM_cuts_the_grace_short) {
  HalfARequest half_a_request;
  ServerProcess<PreforkTCPServer> server(half_a_request.handler(),
                                         {.workers = 1, .limits = {.drain_grace = 1h}});
  RawClient client(server.address());
  client.send("half");
  half_a_request.waiting.wait();
  server.signal(SIGTERM);
  testing::wait_until("the server stops", [&] { return server.copy().stop_requested(); });
  EXPECT_EQ(half_a_request.cut.count(), 0);
  server.signal(SIGTERM);
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server.wait(), 0);
  EXPECT_EQ(half_a_request.cut.count(), 1);
}

TEST(PreforkStop, a_worker_that_does_not_end_is_killed) {
  SharedLog log;
  SharedEvent begun("the handler runs");
  ServerProcess<PreforkTCPServer> server(
      [&](StreamRequestHandler&) {
        begun.set();
        for (;;) ::pause();
      },
      {.workers = 1, .limits = {.drain_grace = 10ms}, .log = log.sink()});
  RawClient client(server.address());
  begun.wait();
  const std::string worker = std::to_string(*workers_of(server.pid(), 1).begin());
  server.signal(SIGTERM);
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server.wait(), 0);
  EXPECT_EQ(log.next(), "prefork: worker " + worker + " does not end; killed");
  EXPECT_EQ(log.next(), "prefork: worker " + worker + " ended: signal 9 (SIGKILL)");
}

TEST(PreforkStop, P27_a_StopOnSignals_has_precedence) {
  Work work;
  ServerProcess<PreforkTCPServer> server(work.handler(), {.workers = 2},
                                         [](PreforkTCPServer& serving) {
                                           const StopOnSignals stop(serving);
                                           serving.serve_forever();
                                         });
  RawClient client(server.address());
  work.begun.wait();
  // As a terminal does, to the workers too.
  for (const pid_t worker : workers_of(server.pid(), 2)) ::kill(worker, SIGINT);
  server.signal(SIGINT);
  testing::wait_until("the server stops", [&] { return server.copy().stop_requested(); });
  work.go_on.set();
  EXPECT_EQ(client.read_all(), "finished");
  EXPECT_EQ(server.wait(), server.kInterrupted);
}

TEST(PreforkStop, a_second_signal_of_StopOnSignals_cuts_the_grace_short) {
  HalfARequest half_a_request;
  ServerProcess<PreforkTCPServer> server(half_a_request.handler(),
                                         {.workers = 1, .limits = {.drain_grace = 1h}},
                                         [](PreforkTCPServer& serving) {
                                           const StopOnSignals stop(serving);
                                           serving.serve_forever();
                                         });
  RawClient client(server.address());
  client.send("half");
  half_a_request.waiting.wait();
  server.signal(SIGTERM);
  testing::wait_until("the server stops", [&] { return server.copy().stop_requested(); });
  server.signal(SIGTERM);
  EXPECT_TRUE(client.at_eof());
  EXPECT_EQ(server.wait(), server.kInterrupted);
}

TEST(PreforkSignals, what_they_did_before_is_restored) {
  ServerProcess<PreforkTCPServer> server(
      [](StreamRequestHandler& self) { self.server().shutdown(); }, {.workers = 1},
      [](PreforkTCPServer& serving) {
        ::signal(SIGTTIN, SIG_IGN);
        serving.serve_forever();
        EXPECT_EQ(::signal(SIGTTIN, SIG_DFL), SIG_IGN);
        EXPECT_EQ(::signal(SIGTERM, SIG_DFL), SIG_DFL);
      });
  EXPECT_TRUE(RawClient(server.address()).at_eof());
  EXPECT_EQ(server.wait(), 0);
}

TEST(PreforkSignals, HUP_replaces_all_workers_and_they_finish) {
  Work work;
  const ServerProcess<PreforkTCPServer> server(work.handler(), {.workers = 3});
  const std::set<pid_t> former = workers_of(server.pid(), 3);
  RawClient client(server.address());
  work.begun.wait();
  server.signal(SIGHUP);
  testing::wait_until("a new worker runs", [&] { return children_of(server.pid()) != former; });
  work.go_on.set();
  EXPECT_EQ(client.read_all(), "finished");
  workers_of(server.pid(), 3, former);
  EXPECT_EQ(RawClient(server.address()).read_all(), "finished");
}

TEST(PreforkSignals, TTIN_and_TTOU_change_the_number_of_workers) {
  const ServerProcess<PreforkTCPServer> server(tell_pid_and_echo, {.workers = 1});
  const std::set<pid_t> first = workers_of(server.pid(), 1);
  server.signal(SIGTTIN);
  workers_of(server.pid(), 2);
  server.signal(SIGTTIN);
  workers_of(server.pid(), 3);
  server.signal(SIGTTOU);
  workers_of(server.pid(), 2, first);
  server.signal(SIGTTOU);
  const std::set<pid_t> last = workers_of(server.pid(), 1);
  server.signal(SIGTTOU);  // never the last one
  EXPECT_EQ(serving_pid(server.address()), *last.begin());
  EXPECT_EQ(children_of(server.pid()), last);
}

TEST(PreforkSupervision, a_killed_worker_is_reported_and_replaced) {
  SharedLog log;
  const ServerProcess<PreforkTCPServer> server(tell_pid_and_echo,
                                               {.workers = 1, .log = log.sink()});
  const pid_t killed = serving_pid(server.address());
  ::kill(killed, SIGKILL);
  EXPECT_EQ(log.next(), "prefork: worker " + std::to_string(killed) +
                            " ended: signal 9 (SIGKILL); a new one starts in 100 ms");
  EXPECT_NE(serving_pid(server.address()), killed);
}

TEST(PreforkSupervision, a_worker_that_got_TERM_finishes_and_is_replaced) {
  Work work;
  SharedLog log;
  const ServerProcess<PreforkTCPServer> server(work.handler(), {.workers = 1, .log = log.sink()});
  RawClient client(server.address());
  work.begun.wait();
  const std::set<pid_t> former = workers_of(server.pid(), 1);
  ::kill(*former.begin(), SIGTERM);
  work.go_on.set();
  EXPECT_EQ(client.read_all(), "finished");
  EXPECT_NE(log.next().find("ended: exit status 0"), std::string::npos);
  workers_of(server.pid(), 1, former);
}

/// A server whose loop throws at once.
template <class Exception>
struct Failing : TCPServer {
  using TCPServer::TCPServer;
  bool wait_for_request(int, Deadline, bool) override { throw Exception{3}; }
};

struct Boom : std::runtime_error {
  explicit Boom(int) : std::runtime_error("boom") {}
};

TEST(PreforkSupervision, SystemExit_ends_a_worker_with_its_status_and_failing_ones_do_not_spin) {
  SharedLog log;
  const ServerProcess<PreforkMixIn<Failing<SystemExit>>> server(handler<Echo>(),
                                                                {.workers = 1, .log = log.sink()});
  for (const char* delay : {"100 ms", "200 ms", "400 ms"}) {
    const std::string report = log.next();
    EXPECT_NE(report.find("ended: exit status 3; a new one starts in " + std::string(delay)),
              std::string::npos)
        << report;
  }
}

TEST(PreforkSupervision, several_that_die_at_once_delay_their_successors_once) {
  SharedLog log;
  const ServerProcess<PreforkTCPServer> server(handler<Echo>(), {.workers = 3, .log = log.sink()});
  const std::set<pid_t> former = workers_of(server.pid(), 3);
  for (const pid_t worker : former) ::kill(worker, SIGKILL);
  workers_of(server.pid(), 3, former);
  EXPECT_EQ(log.all().find("200 ms"), std::string::npos);
}

TEST(PreforkSupervision, an_exception_that_leaves_a_worker_is_reported) {
  SharedLog log;
  const ServerProcess<PreforkMixIn<Failing<Boom>>> server(handler<Echo>(),
                                                          {.workers = 1, .log = log.sink()});
  const std::string report = log.next();
  EXPECT_EQ(report.rfind("prefork: a worker failed: ", 0), 0u) << report;
  EXPECT_NE(report.find("boom"), std::string::npos) << report;
  EXPECT_NE(log.next().find("ended: exit status 1"), std::string::npos);
}

/// While it lives, orphans among the descendants of this process are its children.
class Subreaper {
 public:
  Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
  Subreaper(const Subreaper&) = delete;
  Subreaper& operator=(const Subreaper&) = delete;
  ~Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
};

TEST(PreforkSupervision, workers_end_when_the_master_is_killed) {
  const Subreaper subreaper;
  ServerProcess<PreforkTCPServer> server(tell_pid_and_echo, {.workers = 2});
  const std::set<pid_t> workers = workers_of(server.pid(), 2);
  RawClient client(server.address());
  pid_told(client);
  server.signal(SIGKILL);
  EXPECT_EQ(server.wait(), -SIGKILL);
  EXPECT_TRUE(client.at_eof());
  for (const pid_t worker : workers) EXPECT_EQ(status_of(worker), 0);
}

TEST(PreforkThreads, a_process_with_threads_is_not_forked_unasked) {
  PreforkTCPServer server(kAnyPort, handler<Echo>(), {.workers = 1});
  Event go_on("the other thread may end");
  std::jthread other([&] { go_on.wait(); });
  try {
    server.serve_forever();
    ADD_FAILURE();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::operation_not_permitted);
  }
  EXPECT_FALSE(server.stop_requested());
  go_on.set();
}

TEST(PreforkThreads, unless_the_options_say_so) {
  testing::TestServer<PreforkThreadingTCPServer> server(tell_pid_and_echo,
                                                        {.fork_with_threads = true, .workers = 1});
  EXPECT_NE(serving_pid(server.address()), ::getpid());
  EXPECT_THROW(server->serve_forever(), std::logic_error) << "it is being served already";
  PreforkTCPServer other(kAnyPort, handler<Echo>(), {.fork_with_threads = true, .workers = 1});
  EXPECT_THROW(other.serve_forever(), std::logic_error) << "the signals are the other's";
}

}  // namespace
}  // namespace socketserver
