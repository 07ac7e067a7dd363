#include <sys/ioctl.h>

#include <linux/sockios.h>

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
#include <socketserver/testing/wait.hpp>

#include "answer.hpp"
#include "temporary_tree.hpp"

namespace socketserver::testing {
namespace {

using ::testing::Each;
using ::testing::Field;
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

std::string get(std::string_view target, std::string_view headers = {}) {
  return "GET " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) + "\r\n";
}

/// Until all that was sent has come to the other side.
void wait_for_delivery(RawClient& client) {
  wait_until("all is delivered", [&] {
    int waiting = 0;
    return ::ioctl(client.socket().fileno(), SIOCOUTQ, &waiting) == 0 && waiting == 0;
  });
}

class StaticSharing : public ::testing::Test {
 protected:
  StaticSharing() {
    Observed::counts = &counts;
    for (const char* name : {"gate", "warm"}) tree.file(name, name);
    tree.file("page", "first");
  }

  void serve(SimpleHTTPOptions options = {.share_small_files = true}) {
    options.directory = tree.path();
    server.emplace(handler<Observed>(std::move(options)));
    gatekeeper.emplace(server->address());
  }

  /// Connections of which the server waits for the next request.
  std::vector<RawClient> standing(int n) {
    std::vector<RawClient> clients;
    for (int i = 0; i < n; ++i) {
      clients.emplace_back(server->address()).send(get("/warm"));
      read_answer(clients.back());
    }
    return clients;
  }

  /// Sends the requests, one for each client, so that the loop sees them in one turn.
  void send_together(std::vector<RawClient>& clients, const std::vector<std::string>& requests) {
    Gate gate;
    Observed::gate = &gate;
    gatekeeper->send(get("/gate"));
    gate.reached.get_future().wait();
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i].send(requests[i]);
    for (RawClient& client : clients) wait_for_delivery(client);
    counts.sent = 0;
    counts.opened = 0;
    gate.opened.set_value();
    read_answer(*gatekeeper);
  }

  std::vector<Answer> ask_together(std::vector<RawClient>& clients, const std::string& request,
                                   std::string_view method = "GET") {
    send_together(clients, std::vector<std::string>(clients.size(), request));
    std::vector<Answer> answers;
    answers.reserve(clients.size());
    for (RawClient& client : clients) answers.push_back(read_answer(client, method));
    return answers;
  }

  TemporaryTree tree;
  Counts counts;
  std::optional<TestServer<FiberHTTPServer>> server;
  std::optional<RawClient> gatekeeper;
};

TEST_F(StaticSharing, one_opening_for_all_of_a_turn) {
  serve();
  auto clients = standing(8);
  EXPECT_THAT(ask_together(clients, get("/page")), Each(Field(&Answer::body, "first")));
  EXPECT_EQ(counts.sent, 8);
  EXPECT_EQ(counts.opened, 1);
}

TEST_F(StaticSharing, whole_answers_are_those_of_one_alone) {
  tree.file("index.html", "<p>index");
  tree.file("page.gz", "packed");
  tree.modified_at("page", 1'700'000'000, 123);
  tree.modified_at("page.gz", 1'700'000'000, 456);
  serve();
  auto alone = standing(1);
  const std::string tag(ask_together(alone, get("/page")).front().headers["ETag"]);
  ASSERT_FALSE(tag.empty());

  const std::pair<std::string, std::string> requests[] = {
      {"GET", get("/page")},
      {"HEAD", "HEAD /page HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"GET", get("/page", "If-None-Match: " + tag + "\r\n")},
      {"GET", get("/page", "Accept-Encoding: br, gzip\r\n")},
      {"GET", get("/page", "Range: bytes=1-2\r\n")},
      {"GET", get("/")},
  };
  auto clients = standing(3);
  for (const auto& [method, request] : requests) {
    const Answer expected = ask_together(alone, request, method).front();
    for (const Answer& answer : ask_together(clients, request, method)) {
      EXPECT_EQ(answer.status_line, expected.status_line) << request;
      EXPECT_EQ(without_dates(std::string(answer.headers.text())),
                without_dates(std::string(expected.headers.text())))
          << request;
      EXPECT_EQ(answer.body, expected.body) << request;
    }
  }
}

TEST_F(StaticSharing, several_ranges) {
  serve();
  auto clients = standing(3);
  const auto answers = ask_together(clients, get("/page", "Range: bytes=0-0,3-\r\n"));
  EXPECT_THAT(answers, Each(Field(&Answer::body, HasSubstr("bytes 3-4/5\r\n\r\nst\r\n"))));
  EXPECT_EQ(counts.opened, 1);
}

TEST_F(StaticSharing, the_next_turn_sees_what_is_new) {
  serve();
  auto clients = standing(4);
  EXPECT_THAT(ask_together(clients, get("/page")), Each(Field(&Answer::body, "first")));
  tree.file("page", "second");
  EXPECT_THAT(ask_together(clients, get("/page")), Each(Field(&Answer::body, "second")));
  std::filesystem::remove(tree.path("page"));
  EXPECT_THAT(ask_together(clients, get("/page")), Each(Field(&Answer::status, 404)));
}

// The second was perhaps sent after the file was opened for somebody else.
TEST_F(StaticSharing, a_second_request_of_a_turn_opens_anew) {
  serve();
  auto clients = standing(2);
  ask_together(clients, get("/page") + get("/page"));
  for (RawClient& client : clients) EXPECT_EQ(read_answer(client).body, "first");
  EXPECT_EQ(counts.sent, 4);
  EXPECT_EQ(counts.opened, 3);
}

// The line was perhaps sent long before the request.
TEST_F(StaticSharing, behind_an_empty_line_each_opens_anew) {
  serve();
  auto clients = standing(3);
  EXPECT_THAT(ask_together(clients, "\r\n" + get("/page")), Each(Field(&Answer::body, "first")));
  EXPECT_EQ(counts.opened, 3);
}

TEST_F(StaticSharing, large_files_are_opened_for_each) {
  serve();
  tree.file("page", std::string(16 * 1024 + 1, 'x'));
  auto clients = standing(3);
  EXPECT_THAT(ask_together(clients, get("/page")),
              Each(Field(&Answer::body, SizeIs(16 * 1024 + 1))));
  EXPECT_EQ(counts.opened, 3);
}

TEST_F(StaticSharing, more_files_than_are_remembered) {
  serve();
  std::vector<std::string> requests;
  for (int i = 0; i < 50; ++i) {
    tree.file("page" + std::to_string(i), std::to_string(i));
    requests.push_back(get("/page" + std::to_string(i)));
  }
  auto clients = standing(50);
  send_together(clients, requests);
  for (std::size_t i = 0; i < clients.size(); ++i) {
    EXPECT_EQ(read_answer(clients[i]).body, std::to_string(i));
  }
}

TEST_F(StaticSharing, not_unless_asked_for) {
  serve({});
  auto clients = standing(3);
  EXPECT_THAT(ask_together(clients, get("/page")), Each(Field(&Answer::body, "first")));
  EXPECT_EQ(counts.opened, 3);
}

}  // namespace
}  // namespace socketserver::testing
