// The bounds on how much is served at once.

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/base/sleep.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/matrix/fixture.hpp"
#include "tests/matrix/shared.hpp"

namespace socketserver::matrix {
namespace {

using testing::ServerThread;

/// How many handlers run, wherever they do.
struct Running {
  std::atomic<int> now{0};
  std::atomic<int> most{0};

  void enter() {
    const int running = ++now;
    int before = most;
    while (before < running && !most.compare_exchange_weak(before, running)) continue;
  }
  void leave() { --now; }
};

template <class Cell>
class ConcurrencyLimit : public CellTest<Cell> {
 protected:
  static constexpr int kLimit = 3;
  static constexpr int kAtOnce = Cell::kConcurrent ? kLimit : 1;

  /// Has many clients served who come while as many handlers run as there may.
  ///
  /// @return how many the server had taken when the first handler ended.
  int serve_many(Limits limits) {
    constexpr int kClients = 12;
    Shared<Running> handlers;
    Gate all_sent;
    const auto server = this->made(
        [&](StreamRequestHandler& self) {
          handlers->enter();
          const std::string request = self.rfile().read_all(100);
          all_sent.pass();
          sleep_for(5ms);  // for another that must not come
          handlers->leave();
          self.wfile() << request << " served";
        },
        {.workers = 8, .limits = limits});
    const ServerThread running(*server);
    std::vector<std::unique_ptr<typename CellTest<Cell>::Client>> clients;
    for (int i = 0; i < kClients; ++i) {
      clients.push_back(
          std::make_unique<typename CellTest<Cell>::Client>(server->server_address()));
      clients.back()->request("request");
      if (i + 1 == kAtOnce) this->journal.wait_for("handle", kAtOnce);
    }
    sleep_for(20ms);  // for another that must not be taken
    const int taken = this->journal.count("get_request");
    all_sent.open();
    for (const auto& client : clients) EXPECT_EQ(client->answer(), "request served");
    EXPECT_EQ(handlers->most, kAtOnce);
    return taken;
  }
};
TYPED_TEST_SUITE(ConcurrencyLimit, Cells, CellNames);

TYPED_TEST(ConcurrencyLimit, SS_079_no_more_handlers_run_at_once) {
  this->serve_many({.max_concurrent_requests = static_cast<std::size_t>(this->kLimit)});
}

TYPED_TEST(ConcurrencyLimit, no_more_connections_are_taken) {
  EXPECT_EQ(this->serve_many({.max_connections = static_cast<std::size_t>(this->kLimit)}),
            this->kAtOnce);
}

template <class Cell>
class ClientLimit : public CellTest<Cell> {};
TYPED_TEST_SUITE(ClientLimit, IpCells, CellNames);

TYPED_TEST(ClientLimit, one_address_gets_no_more_than_its_share) {
  Gate go_on;
  const auto server = this->made(
      [&](StreamRequestHandler& self) {
        go_on.pass();
        echo(self);
      },
      {.limits = {.max_connections_per_ip = 1}});
  const ServerThread running(*server);
  typename TestFixture::Client first(server->server_address());
  first.request("first");
  this->journal.wait_for("handle");
  typename TestFixture::Client second(server->server_address());
  second.request("second");
  if (TypeParam::kConcurrent) {
    this->journal.wait_for("shutdown_request");
    EXPECT_EQ(this->journal.count("verify_request"), 1);
    if constexpr (!TypeParam::kDatagrams) {
      second.wait_for_end();
    }
  }
  go_on.open();
  EXPECT_EQ(first.answer(), "first");
  if (!TypeParam::kConcurrent) {
    EXPECT_EQ(second.answer(), "second") << "its turn came only when the first had ended";
  }

  // The share is free again once the server knows that the first has ended.
  testing::wait_until("the address is served again", [&] {
    const int handled = this->journal.count("handle");
    const int taken = this->journal.count("get_request");
    typename TestFixture::Client third(server->server_address());
    third.request("third");
    this->journal.wait_for("get_request", taken + 1);
    testing::wait_until("the third is served or refused", [&] {
      return this->journal.count("handle") > handled ||
             this->journal.count("shutdown_request") >= taken + 1;
    });
    return this->journal.count("handle") > handled;
  });
}

}  // namespace
}  // namespace socketserver::matrix
