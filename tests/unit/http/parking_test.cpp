// Which connections wait without their handler.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/base/condition_variable.hpp>
#include <socketserver/base/mutex.hpp>
#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/servers.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "answer.hpp"
#include "tests/cpu_time.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

/// Counts the requests that it has served itself.
class Counting : public BaseHTTPRequestHandler {
 protected:
  void do_GET() override {
    send_response(200);
    end_headers();
    wfile() << ++served_;
  }

 private:
  int served_ = 0;
};

class Staying : public Counting {
 public:
  static constexpr bool kParks = false;
};

class Watching : public Counting {
  std::optional<Duration> timeout() const override { return 1h; }
};

constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

std::string get(RawClient& client) {
  client.send(kGet);
  return read_answer(client).body;
}

/// What the slow requests of one server have come to.
struct Slow {
  std::binary_semaphore first_begins{0};
  std::binary_semaphore first_goes_on{0};
  int served = 0;
};

/// Answers /slow after a while of computing, and everything with how many slow ones there were.
class Computing : public BaseHTTPRequestHandler {
 public:
  explicit Computing(Slow& slow) : slow_(slow) {}

 protected:
  void do_GET() override {
    if (path() == "/slow") {
      if (slow_.served == 0) {
        slow_.first_begins.release();
        slow_.first_goes_on.acquire();
      }
      const auto end = Deadline::Clock::now() + 1ms;
      while (Deadline::Clock::now() < end) {
      }
      ++slow_.served;
    }
    send_text(std::to_string(slow_.served));
  }

 private:
  Slow& slow_;
};

TEST(HTTPParking, requests_sent_together_do_not_keep_other_clients_waiting) {
  constexpr int kTogether = 400;
  constexpr int kTurn = 30;  // of 1 ms, but the clock that ends it may tick every 10 ms only
  Slow slow;
  TestServer<FiberHTTPServer> server(handler<Computing>(std::ref(slow)), {.log = {}});
  RawClient other(server.address());
  EXPECT_EQ(get(other), "0");
  RawClient greedy(server.address());
  std::string requests;
  for (int i = 0; i < kTogether; ++i) requests += "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n";
  greedy.send(requests);
  slow.first_begins.acquire();
  other.send(kGet);
  slow.first_goes_on.release();
  EXPECT_LT(std::stoi(read_answer(other).body), kTurn);
  for (int i = 1; i <= kTogether; ++i) EXPECT_EQ(read_answer(greedy).body, std::to_string(i));
}

TEST(HTTPParking, an_idle_connection_has_no_fiber_and_gets_a_fresh_handler) {
  TestServer<FiberHTTPServer> server(handler<Counting>(), {.log = {}});
  RawClient client(server.address());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(get(client), "1");
    wait_until("the fiber ends", [&] { return server->fibers() == 0; });
  }
}

TEST(HTTPParking, a_class_may_keep_its_handler) {
  TestServer<FiberHTTPServer> server(handler<Staying>(), {.log = {}});
  RawClient client(server.address());
  wait_until("it has a fiber before its first bytes", [&] { return server->fibers() == 1; });
  EXPECT_EQ(get(client), "1");
  EXPECT_EQ(get(client), "2");
}

TEST(HTTPParking, a_handler_with_a_timeout_watches_over_it) {
  TestServer<FiberHTTPServer> server(handler<Watching>(), {.log = {}});
  RawClient client(server.address());
  EXPECT_EQ(get(client), "1");
  EXPECT_EQ(get(client), "2");
}

/// What the handlers of one server do to each other.
struct Crowd {
  std::binary_semaphore loop_is_held{0};
  std::binary_semaphore let_go{0};
  Mutex mutex;
  ConditionVariable changed;
  int served = 0;  // guarded by mutex
};

TEST(FiberParking, connections_that_park_make_room_at_once) {
  FiberHTTPServer server({"127.0.0.1", 0}, handler<Counting>(),
                         {.workers = 2, .limits = {.max_concurrent_requests = 2}, .log = {}});
  // Nothing else wakes the loop: whoever is forgotten waits for ever.
  const ServerThread running(server, 1h);
  for (int round = 0; round < 10; ++round) {
    std::vector<std::unique_ptr<RawClient>> silent;
    for (int i = 0; i < 40; ++i)
      silent.push_back(std::make_unique<RawClient>(server.server_address()));
    RawClient client(server.server_address());
    EXPECT_EQ(get(client), "1");
  }
}

TEST(HTTPParking, of_those_woken_together_one_that_waits_holds_up_nobody) {
  static constexpr int kOthers = 20;
  Crowd crowd;
  TestServer<FiberHTTPServer> server(
      [&crowd](BaseHTTPRequestHandler& self) {
        if (self.path() == "/hold") {
          // The whole loop, so that those that come meanwhile are woken together.
          crowd.loop_is_held.release();
          crowd.let_go.acquire();
        } else {
          std::unique_lock lock(crowd.mutex);
          if (self.path() == "/wait") {
            crowd.changed.wait(lock, [&crowd] { return crowd.served == kOthers; });
          } else if (++crowd.served == kOthers) {
            crowd.changed.notify_all();
          }
        }
        self.send_text("done");
      },
      {.log = {}});
  const auto ask = [](RawClient& client, std::string_view path) {
    client.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n\r\n");
  };
  RawClient holder(server.address());
  RawClient waiter(server.address());
  std::vector<std::unique_ptr<RawClient>> others;
  for (int i = 0; i < kOthers; ++i) others.push_back(std::make_unique<RawClient>(server.address()));
  for (const auto& other : others) EXPECT_EQ(get(*other), "done");
  for (RawClient* const client : {&holder, &waiter}) EXPECT_EQ(get(*client), "done");
  {
    const std::scoped_lock lock(crowd.mutex);
    crowd.served = 0;
  }

  ask(holder, "/hold");
  crowd.loop_is_held.acquire();
  ask(waiter, "/wait");
  for (const auto& other : others) ask(*other, "/");
  crowd.let_go.release();

  EXPECT_EQ(read_answer(holder).body, "done");
  EXPECT_EQ(read_answer(waiter).body, "done");
  for (const auto& other : others) EXPECT_EQ(read_answer(*other).body, "done");
}

TEST(HTTPParking, each_request_puts_off_the_end_of_an_idle_connection) {
  constexpr Duration kIdle = 200ms;
  TestServer<FiberHTTPServer> server(
      handler<Counting>(),
      {.limits = {.first_byte_timeout = 1h, .keep_alive_timeout = kIdle, .keep_alive_requests = 0},
       .log = {}});
  RawClient client(server.address());
  // Accepted after it: it waits for its first byte by now, and may do so for an hour.
  EXPECT_EQ(get(*std::make_unique<RawClient>(server.address())), "1");
  // Far longer than one wait may last; the requests follow each other at once.
  const Deadline enough = Deadline::after(3 * kIdle);
  while (!enough.expired()) ASSERT_EQ(get(client), "1");

  const auto last = Deadline::Clock::now();
  EXPECT_EQ(get(client), "1");
  EXPECT_TRUE(client.at_eof());
  EXPECT_GE(Deadline::Clock::now() - last, kIdle);
}

TEST(HTTPParking, many_clients_share_few_threads) {
  TestServer<ThreadPoolHTTPServer> server(handler<Counting>(), {.workers = 4, .log = {}});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 400; ++i) clients.push_back(std::make_unique<RawClient>(server.address()));
  for (int round = 0; round < 2; ++round) {
    for (const auto& client : clients) EXPECT_NE(get(*client), "");
  }
}

TEST(Parking, what_is_parked_no_longer_is_no_longer_waited_for) {
  HTTPServer server({"127.0.0.1", 0}, handler<Counting>(), {.timeout = 300ms});
  {
    ServerThread serving(server);
    RawClient client(server.server_address());
    EXPECT_EQ(get(client), "1");
    EXPECT_EQ(get(client), "1") << "it has parked in between";
  }
  EXPECT_LT(cpu_time_of([&] { server.handle_request(); }), 100ms) << "it waits, and does not look";
}

}  // namespace
}  // namespace socketserver::testing
