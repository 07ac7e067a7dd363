#include <atomic>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/servers.hpp>
#include <socketserver/http/simple_handler.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "answer.hpp"
#include "temporary_tree.hpp"

namespace socketserver::testing {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;

/// Holds the only thread of a fiber server, so that what is sent meanwhile is seen in one turn.
struct Gate {
  std::promise<void> reached;
  std::promise<void> opened;
};

/// How often files were sent, and how often from a descriptor of their own.
struct Counts {
  std::atomic<int> sent = 0;
  std::atomic<int> opened = 0;
};

struct Observed : SimpleHTTPRequestHandler {
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;

  std::optional<http::OpenedPath> send_head() override {
    if (path() == "/gate") {
      gate->reached.set_value();
      gate->opened.get_future().wait();
    }
    return SimpleHTTPRequestHandler::send_head();
  }

  void copyfile(const http::OpenedPath& source) override {
    if (path() != "/gate") {
      ++counts->sent;
      if (source.fd) ++counts->opened;
    }
    SimpleHTTPRequestHandler::copyfile(source);
  }

  static inline Gate* gate = nullptr;
  static inline Counts* counts = nullptr;
};

class StaticSharing : public ::testing::Test {
 protected:
  StaticSharing() {
    Observed::counts = &counts;
    tree.file("page", "first");
    tree.file("gate", "gate");
  }

  void serve(SimpleHTTPOptions options = {.share_small_files = true}) {
    options.directory = tree.path();
    server.emplace(handler<Observed>(std::move(options)));
    gatekeeper.emplace(server->address());
  }

  static std::string get(std::string_view target) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  /// Connections of which the server waits for the next request.
  std::vector<RawClient> standing(int n) {
    std::vector<RawClient> clients;
    for (int i = 0; i < n; ++i) {
      clients.emplace_back(server->address()).send(get("/nothing"));
      read_answer(clients.back());
    }
    return clients;
  }

  /// Sends on all of them in one turn of the loop; the bodies of the answers.
  std::vector<std::string> ask_together(std::vector<RawClient>& clients, std::string_view request,
                                        int answers = 1) {
    Gate gate;
    Observed::gate = &gate;
    gatekeeper->send(get("/gate"));
    gate.reached.get_future().wait();
    for (RawClient& client : clients) client.send(request);
    counts.sent = 0;
    counts.opened = 0;
    gate.opened.set_value();
    read_answer(*gatekeeper);
    std::vector<std::string> bodies;
    for (RawClient& client : clients) {
      for (int i = 0; i < answers; ++i) bodies.push_back(read_answer(client).body);
    }
    return bodies;
  }

  TemporaryTree tree;
  Counts counts;
  std::optional<TestServer<FiberHTTPServer>> server;
  std::optional<RawClient> gatekeeper;
};

TEST_F(StaticSharing, one_opening_for_all_of_a_turn) {
  serve();
  auto clients = standing(8);
  EXPECT_THAT(ask_together(clients, get("/page")), Each("first"));
  EXPECT_EQ(counts.sent, 8);
  EXPECT_EQ(counts.opened, 1);
}

TEST_F(StaticSharing, whole_answers_are_those_of_one_alone) {
  serve();
  RawClient lonely(server->address());
  lonely.send(get("/page"));
  const Answer alone = read_answer(lonely);
  auto clients = standing(2);
  ask_together(clients, get("/page"));
  for (RawClient& client : clients) {
    client.send(get("/page"));
    const Answer answer = read_answer(client);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers["ETag"], alone.headers["ETag"]);
    EXPECT_EQ(answer.headers["Last-Modified"], alone.headers["Last-Modified"]);
    EXPECT_EQ(answer.headers["Content-Length"], "5");
  }
}

TEST_F(StaticSharing, ranges) {
  serve();
  auto clients = standing(3);
  const std::string one = "GET /page HTTP/1.1\r\nHost: x\r\nRange: bytes=1-2\r\n\r\n";
  EXPECT_THAT(ask_together(clients, one), Each("ir"));
  const std::string two = "GET /page HTTP/1.1\r\nHost: x\r\nRange: bytes=0-0,3-\r\n\r\n";
  EXPECT_THAT(ask_together(clients, two), Each(HasSubstr("bytes 3-4/5\r\n\r\nst\r\n")));
  EXPECT_EQ(counts.opened, 1);
}

TEST_F(StaticSharing, the_next_turn_sees_what_is_new) {
  serve();
  auto clients = standing(4);
  EXPECT_THAT(ask_together(clients, get("/page")), Each("first"));
  tree.file("page", "second");
  EXPECT_THAT(ask_together(clients, get("/page")), Each("second"));
  std::filesystem::remove(tree.path("page"));
  EXPECT_THAT(ask_together(clients, get("/page")), Each(HasSubstr("File not found")));
}

TEST_F(StaticSharing, what_is_missing_is_looked_for_once) {
  serve();
  auto clients = standing(4);
  EXPECT_THAT(ask_together(clients, get("/none")), Each(HasSubstr("File not found")));
}

// The second was perhaps sent after the file was opened for somebody else.
TEST_F(StaticSharing, a_second_request_of_a_turn_opens_anew) {
  serve();
  auto clients = standing(2);
  EXPECT_THAT(ask_together(clients, get("/page") + get("/page"), 2), Each("first"));
  EXPECT_EQ(counts.sent, 4);
  EXPECT_EQ(counts.opened, 3);
}

TEST_F(StaticSharing, large_files_are_opened_for_each) {
  serve();
  tree.file("page", std::string(16 * 1024 + 1, 'x'));
  auto clients = standing(3);
  EXPECT_THAT(ask_together(clients, get("/page")), Each(SizeIs(16 * 1024 + 1)));
  EXPECT_EQ(counts.opened, 3);
}

TEST_F(StaticSharing, more_files_than_are_remembered) {
  serve();
  for (int i = 0; i < 50; ++i) tree.file("page" + std::to_string(i), std::to_string(i));
  auto clients = standing(50);
  Gate gate;
  Observed::gate = &gate;
  gatekeeper->send(get("/gate"));
  gate.reached.get_future().wait();
  for (int i = 0; i < 50; ++i)
    clients[static_cast<std::size_t>(i)].send(get("/page" + std::to_string(i)));
  gate.opened.set_value();
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(read_answer(clients[static_cast<std::size_t>(i)]).body, std::to_string(i));
}

TEST_F(StaticSharing, not_unless_asked_for) {
  serve({});
  auto clients = standing(3);
  EXPECT_THAT(ask_together(clients, get("/page")), Each("first"));
  EXPECT_EQ(counts.opened, 3);
}

}  // namespace
}  // namespace socketserver::testing
