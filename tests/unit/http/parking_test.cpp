// Which connections wait without their handler.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/servers.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "answer.hpp"

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

std::string get(RawClient& client) {
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  return read_answer(client).body;
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

TEST(HTTPParking, many_clients_share_few_threads) {
  TestServer<ThreadPoolHTTPServer> server(handler<Counting>(), {.workers = 4, .log = {}});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 400; ++i) clients.push_back(std::make_unique<RawClient>(server.address()));
  for (int round = 0; round < 2; ++round) {
    for (const auto& client : clients) EXPECT_NE(get(*client), "");
  }
}

}  // namespace
}  // namespace socketserver::testing
