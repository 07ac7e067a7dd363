#include <socketserver/server/handler.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <socketserver/server/servers.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using testing::RawClient;
using testing::TestServer;

/// What a client reads from a server with this handler.
std::string served(StreamHandler handler) {
  TestServer<ThreadingTCPServer> server(std::move(handler));
  return RawClient(server.address()).read_all();
}

struct Greeter : StreamRequestHandler {
  Greeter(const std::string& greeting, int count) : text(greeting), times(count) {}
  void handle() override {
    for (int i = 0; i < times; ++i) wfile() << text;
  }
  const std::string& text;
  int times;
};

TEST(Handler, is_given_its_arguments_like_functools_partial) {
  EXPECT_EQ(served(handler<Greeter>(std::string("hi "), 3)), "hi hi hi ");
}

TEST(Handler, arguments_are_kept_by_value) {
  std::string greeting = "before";
  StreamHandler kept = handler<Greeter>(greeting, 1);
  greeting = "after";
  EXPECT_EQ(served(kept), "before");
}

TEST(Handler, references_are_kept_when_asked) {
  std::string greeting = "before";
  StreamHandler kept = handler<Greeter>(std::cref(greeting), 1);
  greeting = "after";
  EXPECT_EQ(served(kept), "after");
}

TEST(Handler, a_recipe_can_serve_several_servers) {
  const StreamHandler recipe = handler<Greeter>(std::string("hi"), 1);
  EXPECT_EQ(served(recipe), "hi");
  EXPECT_EQ(served(recipe), "hi");
}

struct Configured : StreamRequestHandler {
  struct Options {
    std::string first = "default";
    std::string second = "default";
  };
  explicit Configured(const Options& options) : text(options.first + ' ' + options.second) {}
  void handle() override { wfile() << text; }
  std::string text;
};

TEST(Handler, options_are_an_aggregate) {
  EXPECT_EQ(served(handler<Configured>({.second = "chosen"})), "default chosen");
}

/// Prepares once what every request needs.
struct Prepared : StreamRequestHandler {
  struct Shared {
    explicit Shared(std::string word) : text(std::move(word)) { ++made; }
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;
    std::string text;
    static inline std::atomic<int> made = 0;
  };
  explicit Prepared(const Shared& shared) : text(shared.text) {}
  void handle() override { wfile() << text; }
  const std::string& text;
};

TEST(Handler, what_is_shared_is_made_once) {
  Prepared::Shared::made = 0;
  TestServer<ThreadingTCPServer> server(handler<Prepared>(std::string("prepared")));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(RawClient(server.address()).read_all(), "prepared");
  EXPECT_EQ(Prepared::Shared::made, 1);
}

void greet(StreamRequestHandler& self) {
  self.wfile() << "function";
}
void greet_noexcept(StreamRequestHandler& self) noexcept {
  self.wfile() << "noexcept";
}

TEST(Handler, SS_115_any_function_of_a_handler_will_do) {
  EXPECT_EQ(served([](StreamRequestHandler& self) { self.wfile() << "lambda"; }), "lambda");
  EXPECT_EQ(served([](StreamRequestHandler& self) noexcept { self.wfile() << "noexcept"; }),
            "noexcept");
  EXPECT_EQ(served(greet), "function");
  EXPECT_EQ(served(&greet), "function");
  EXPECT_EQ(served(greet_noexcept), "noexcept");
  EXPECT_EQ(served(std::function<void(StreamRequestHandler&)>(greet)), "function");
  EXPECT_EQ(served([](BaseRequestHandler& self) { self.request().sendall("base"); }), "base");
}

TEST(Handler, SS_115_a_function_keeps_what_it_captured) {
  auto greeting = std::make_shared<std::string>("captured");
  const std::weak_ptr<std::string> watch = greeting;
  {
    StreamHandler kept = [greeting](StreamRequestHandler& self) { self.wfile() << *greeting; };
    greeting.reset();
    EXPECT_EQ(served(kept), "captured");
  }
  EXPECT_TRUE(watch.expired());
}

struct Probing : BaseRequestHandler {
  void handle() override {}
};

TEST(Handler, has_no_request_outside_its_life) {
  const Probing unattached;
  EXPECT_THROW(unattached.request(), std::logic_error);
  EXPECT_THROW(unattached.client_address(), std::logic_error);
  EXPECT_THROW(unattached.server(), std::logic_error);
  EXPECT_THROW(unattached.server_as<TCPServer>(), std::logic_error);
}

TEST(Handler, knows_its_client) {
  TestServer<TCPServer> server(
      [](StreamRequestHandler& self) { self.wfile() << self.client_address().port(); });
  RawClient client(server.address());
  EXPECT_EQ(client.read_all(), std::to_string(client.address().port()));
}

}  // namespace
}  // namespace socketserver
