#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/server/thread_name.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/base/no_more_threads.hpp"
#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::Event;
using testing::NoMoreThreads;
using testing::RawClient;
using testing::ServerThread;
using testing::TestServer;

TEST(Threading, SS_060_a_handler_runs_on_a_thread_of_its_own) {
  std::thread::id handler_thread;
  ThreadingTCPServer server(kAnyPort, [&](StreamRequestHandler& self) {
    handler_thread = std::this_thread::get_id();
    self.server().shutdown();
  });
  const RawClient client(server.server_address());
  server.serve_forever();
  EXPECT_NE(handler_thread, std::thread::id());
  EXPECT_NE(handler_thread, std::this_thread::get_id());
}

TEST(Threading, SS_061_threads_are_numbered_as_they_come) {
  TestServer<ThreadingTCPServer> server(
      [](StreamRequestHandler& self) { self.wfile() << current_thread_name(); });
  // Threads of other tests may have asked before.
  const std::string first = RawClient(server.address()).read_all();
  ASSERT_EQ(first.rfind("Thread-", 0), 0u);
  const int number = std::stoi(first.substr(7));
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(RawClient(server.address()).read_all(), "Thread-" + std::to_string(number + i));
  }
}

TEST(Threading, thread_names_stay) {
  EXPECT_EQ(current_thread_name(), "MainThread");
  std::jthread([] { EXPECT_EQ(current_thread_name(), current_thread_name()); });
}

TEST(Threading, SS_062_clients_are_served_at_the_same_time) {
  Event arrived("a handler runs");
  TestServer<ThreadingTCPServer> server([&](StreamRequestHandler& self) {
    arrived.set();
    arrived.wait(4);  // for the other three
    self.wfile() << "together";
  });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<RawClient>(server.address()));
  for (const auto& client : clients) EXPECT_EQ(client->read_all(), "together");
}

TEST(Threading, SS_063_without_threads_the_second_client_waits) {
  Event begun("a handler runs");
  Event go_on("the handlers may end");
  TestServer<TCPServer> server([&](StreamRequestHandler&) {
    begun.set();
    go_on.wait();
  });
  RawClient first(server.address());
  RawClient second(server.address());
  begun.wait();
  EXPECT_FALSE(begun.wait_for(200ms, 2)) << "the second did not wait";
  go_on.set();
  EXPECT_TRUE(first.at_eof());
  EXPECT_TRUE(second.at_eof());
  EXPECT_EQ(begun.count(), 2);
}

TEST(Threading, SS_064_handle_error_runs_on_the_handlers_thread) {
  struct Noting : ThreadingTCPServer {
    using ThreadingTCPServer::ThreadingTCPServer;
    void handle_error(Request&, const Address&) override {
      error_thread = std::this_thread::get_id();
    }
    std::thread::id handler_thread;
    std::thread::id error_thread;
  };
  TestServer<Noting> server([](StreamRequestHandler& self) {
    self.server_as<Noting>().handler_thread = std::this_thread::get_id();
    throw std::runtime_error("boom");
  });
  RawClient client(server.address());
  EXPECT_TRUE(client.at_eof());
  server.stop();
  EXPECT_NE(server->error_thread, std::thread::id());
  EXPECT_EQ(server->error_thread, server->handler_thread);
}

/// A server whose one handler runs until it is told to end.
struct BusyServer {
  explicit BusyServer(ServerOptions options)
      : server(
            kAnyPort,
            [this](StreamRequestHandler&) {
              begun.set();
              go_on.wait();
              ended.set();
            },
            std::move(options)),
        client(server.server_address()) {
    server.handle_request();
    begun.wait();
  }

  Event begun{"the handler runs"};
  Event go_on{"the handler may end"};
  Event ended{"the handler ends"};
  ThreadingTCPServer server;
  RawClient client;
};

TEST(ThreadingClose, SS_066_server_close_waits_for_handlers) {
  BusyServer busy({});
  Event closed("server_close() returns");
  std::jthread closer([&] {
    busy.server.server_close();
    closed.set();
  });
  testing::wait_until("server_close() waits", [&] { return busy.server.stop_requested(); });
  EXPECT_EQ(closed.count(), 0);
  busy.go_on.set();
  closed.wait();
  EXPECT_EQ(busy.ended.count(), 1);
}

TEST(ThreadingClose, SS_067_but_not_for_daemon_threads) {
  BusyServer busy({.daemon_threads = true});
  EXPECT_TRUE(busy.server.daemon_threads());
  busy.server.server_close();
  EXPECT_EQ(busy.ended.count(), 0);
  busy.go_on.set();
  EXPECT_TRUE(busy.client.at_eof()) << "it finished undisturbed";
}

TEST(ThreadingClose, SS_068_nor_when_told_not_to_block) {
  BusyServer busy({.block_on_close = false});
  EXPECT_FALSE(busy.server.block_on_close());
  busy.server.server_close();
  EXPECT_EQ(busy.ended.count(), 0);
  busy.go_on.set();
}

TEST(ThreadingClose, destroying_a_server_waits_even_for_daemon_threads) {
  Event ended("the handler ends");
  Event begun("the handler runs");
  RawClient* client = nullptr;
  std::unique_ptr<RawClient> owner;
  {
    ThreadingTCPServer server(kAnyPort,
                              [&](StreamRequestHandler& self) {
                                begun.set();
                                try {
                                  self.rfile().read(100);
                                } catch (const OSError& error) {
                                  EXPECT_EQ(error.code(), std::errc::operation_canceled);
                                }
                                // What would be a use after free if the server were gone.
                                EXPECT_GT(self.server().options().limits.max_connections, 0u);
                                ended.set();
                              },
                              {.daemon_threads = true});
    owner = std::make_unique<RawClient>(server.server_address());
    client = owner.get();
    client->send("half a mess");
    server.handle_request();
    begun.wait();
  }
  EXPECT_EQ(ended.count(), 1);
  EXPECT_TRUE(client->at_eof());
}

TEST(ThreadingClose, Z4_members_of_a_made_server_outlive_its_handlers) {
  struct Derived : ThreadingTCPServer {
    using ThreadingTCPServer::ThreadingTCPServer;
    ~Derived() override { word = "destroyed"; }
    std::string word = "alive";
  };
  Event begun("the handler runs");
  std::string seen;
  std::unique_ptr<RawClient> client;
  {
    const auto server = make_server<Derived>(kAnyPort,
                                             [&](StreamRequestHandler& self) {
                                               begun.set();
                                               self.rfile().readline();  // until the server goes
                                               seen = self.server_as<Derived>().word;
                                             },
                                             {.daemon_threads = true});
    client = std::make_unique<RawClient>(server->server_address());
    server->handle_request();
    begun.wait();
  }
  EXPECT_EQ(seen, "alive");
}

TEST(ThreadingResources, SS_069_a_thousand_connections_leave_nothing_behind) {
  std::jthread([] {}).join();  // with the first one, ThreadSanitizer starts a thread of its own
  const int descriptors = open_descriptors();
  const int threads = running_threads();
  {
    TestServer<ThreadingTCPServer> server(handler<Echo>());
    for (int i = 0; i < 1000; ++i) ASSERT_EQ(echoed(server.address(), "x\n"), "x\n");
  }
  EXPECT_EQ(open_descriptors(), descriptors);
  testing::wait_until("the kernel has buried the threads",
                      [&] { return running_threads() == threads; });
}

TEST(ThreadingResources, SS_069_finished_threads_leave_while_the_server_runs) {
  TestServer<ThreadingTCPServer> server(handler<Echo>());
  ASSERT_EQ(echoed(server.address(), "x\n"), "x\n");
  const int threads = running_threads();
  for (int i = 0; i < 200; ++i) ASSERT_EQ(echoed(server.address(), "x\n"), "x\n");
  testing::wait_until("the kernel has buried the threads",
                      [&] { return running_threads() <= threads; });
}

/// Counts the threads that have one of these as thread_local variable.
struct ThreadCount {
  ThreadCount() { ++begun; }
  ~ThreadCount() { ++ended; }
  void count() {}

  static inline std::atomic<int> begun = 0;
  static inline std::atomic<int> ended = 0;
};

struct CountedEcho : Echo {
  void handle() override {
    thread_local ThreadCount here;
    here.count();
    Echo::handle();
  }
};

class ThreadReuse : public ::testing::Test {
 protected:
  ThreadReuse() { ThreadCount::begun = ThreadCount::ended = 0; }
};

TEST_F(ThreadReuse, a_thread_that_is_free_serves_the_next_request) {
  TestServer<ThreadingTCPServer> server(handler<CountedEcho>());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(echoed(server.address(), "x\n"), "x\n");
  EXPECT_LT(ThreadCount::begun, 50);
  server.stop();
  EXPECT_EQ(ThreadCount::ended, ThreadCount::begun) << "nobody waits when nobody serves";
}

TEST_F(ThreadReuse, again_after_a_stop) {
  ThreadingTCPServer server(kAnyPort, handler<CountedEcho>());
  for (int round = 1; round <= 2; ++round) {
    ServerThread serving(server);
    for (int i = 0; i < 50; ++i) ASSERT_EQ(echoed(server.server_address(), "x\n"), "x\n");
    serving.stop();
    EXPECT_LT(ThreadCount::begun, 50 * round);
    EXPECT_EQ(ThreadCount::ended, ThreadCount::begun);
  }
}

TEST_F(ThreadReuse, none_waits_behind_handle_request) {
  ThreadingTCPServer server(kAnyPort, handler<CountedEcho>());
  for (int i = 0; i < 3; ++i) {
    RawClient client(server.server_address());
    client.send("x\n");
    client.half_close();
    server.handle_request();
    EXPECT_EQ(client.read_all(), "x\n");
    testing::wait_until("the thread has ended", [&] { return ThreadCount::ended == i + 1; });
  }
}

TEST_F(ThreadReuse, a_child_process_has_threads_of_its_own) {
  TestServer<ThreadingTCPServer> server(handler<CountedEcho>());
  ASSERT_EQ(echoed(server.address(), "x\n"), "x\n");
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(30);
    std::destroy_at(&server.server());  // waits for no thread of the parent
    ::_exit(0);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST(ThreadingResources, P08_SS_070_a_thread_that_cannot_start_is_the_requests_error) {
  struct Checking : RecordingServer<ThreadingTCPServer> {
    using RecordingServer::RecordingServer;
    void handle_error(Request& request, const Address& client) override {
      EXPECT_GE(request.fileno(), 0) << "nobody has it any more";
      RecordingServer::handle_error(request, client);
    }
  };
  CapturedLog log;
  const auto server = make_server<Checking>(kAnyPort, handler<Echo>(), {.log = log.sink()});
  RawClient refused(server->server_address());
  {
    const NoMoreThreads no_more_threads;
    server->handle_request();
  }
  EXPECT_TRUE(refused.at_eof());
  EXPECT_EQ(server->calls.count("handle_error"), 1);
  EXPECT_EQ(server->calls.count("shutdown_request"), 1);
  ASSERT_EQ(log.reports().size(), 1u);
  EXPECT_NE(log.reports().front().find("std::system_error: "), std::string::npos);

  RawClient served(server->server_address());
  served.send("works again\n");
  served.half_close();
  server->handle_request();
  EXPECT_EQ(served.read_all(), "works again\n");
  server->server_close();
}

TEST(Threading, SS_071_echo) {
  TestServer<ThreadingTCPServer> server(handler<Echo>());
  for (const char* line : {"one\n", "two\n", "three\n"})
    EXPECT_EQ(echoed(server.address(), line), line);
}

TEST(Threading, SS_072_a_shared_counter_under_a_lock) {
  std::mutex mutex;
  int counter = 0;
  TestServer<ThreadingTCPServer> server([&](StreamRequestHandler&) {
    const std::lock_guard lock(mutex);
    ++counter;
  });
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 100; ++i) clients.push_back(std::make_unique<RawClient>(server.address()));
  for (const auto& client : clients) EXPECT_TRUE(client->at_eof());
  server.stop();
  EXPECT_EQ(counter, 100);
}

}  // namespace
}  // namespace socketserver
