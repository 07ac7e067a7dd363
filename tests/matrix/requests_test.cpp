// What every server does for its clients, whatever the transport and the engine.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/testing/wait.hpp>

#include "tests/matrix/fixture.hpp"

namespace socketserver::matrix {
namespace {

using testing::ServerThread;

template <class Cell>
class Requests : public CellTest<Cell> {};
TYPED_TEST_SUITE(Requests, Cells, CellNames);

TYPED_TEST(Requests, SS_071_SS_086_echo) {
  const auto server = this->made(echo);
  const ServerThread running(*server);
  for (const std::string request : {"hello world\n", "two\nlines\n", "x"}) {
    EXPECT_EQ(this->ask(*server, request), request);
  }
}

TYPED_TEST(Requests, SS_098_upper_case) {
  const auto server = this->made([](StreamRequestHandler& self) {
    while (auto line = self.rfile().readline()) {
      std::ranges::transform(*line, line->begin(),
                             [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
      self.wfile() << *line;
    }
  });
  const ServerThread running(*server);
  EXPECT_EQ(this->ask(*server, "hello world with TCP\n"), "HELLO WORLD WITH TCP\n");
  EXPECT_EQ(this->ask(*server, "Python is nice\nno line end"), "PYTHON IS NICE\nNO LINE END");
}

TYPED_TEST(Requests, a_large_answer_arrives_whole) {
  // Two Unix sockets exchange no packet that is larger than their buffers.
  const std::string large(TypeParam::kDatagrams ? 60'000 : 4'000'000, 'x');
  const auto server = this->made([&](StreamRequestHandler& self) {
    if (self.rfile().read_all(100) == "all of it") self.wfile() << large;
  });
  const ServerThread running(*server);
  EXPECT_EQ(this->ask(*server, "all of it"), large);
}

TYPED_TEST(Requests, SS_044_three_clients_at_a_time) {
  const auto server = this->made(echo);
  const ServerThread running(*server);
  std::vector<std::unique_ptr<typename TestFixture::Client>> clients;
  for (const char* request : {"one", "two", "three"}) {
    clients.push_back(std::make_unique<typename TestFixture::Client>(server->server_address()));
    clients.back()->request(request);
  }
  EXPECT_EQ(clients[0]->answer(), "one");
  EXPECT_EQ(clients[1]->answer(), "two");
  EXPECT_EQ(clients[2]->answer(), "three");
}

TYPED_TEST(Requests, SS_113_each_has_a_handler_of_its_own) {
  const auto server = this->made(echo);
  const ServerThread running(*server);
  for (int i = 0; i < 3; ++i) this->ask(*server, "hello");
  this->wait_for_ends(3);
  EXPECT_EQ(this->journal.count("handler"), 3);
}

TYPED_TEST(Requests, what_was_written_before_an_error_is_sent) {
  const auto server = this->made([](StreamRequestHandler& self) {
    self.wfile() << self.rfile().read_all(100) << ", and so far";
    throw std::runtime_error("and no further");
  });
  const ServerThread running(*server);
  EXPECT_EQ(this->ask(*server, "this"), "this, and so far");
}

TYPED_TEST(Requests, SS_032_SS_065_SS_075_SystemExit_is_no_error_of_the_request) {
  const auto server = this->made([](StreamRequestHandler& self) {
    self.wfile() << self.rfile().read_all(100) << " were the last words";
    throw SystemExit{3};
  });
  ServerThread running(*server);
  EXPECT_EQ(this->ask(*server, "those"), "those were the last words");
  this->wait_for_ends(1);
  if (TypeParam::kWorker == Worker::serving_thread) {
    try {
      running.join();
      ADD_FAILURE() << "the exception should have left serve_forever()";
    } catch (const SystemExit& exit) {
      EXPECT_EQ(exit.status, 3);
    }
  } else {
    EXPECT_EQ(this->ask(*server, "these"), "these were the last words")
        << "it ended more than its worker";
    running.stop();
  }
  EXPECT_EQ(this->journal.count("handle_error"), 0);
}

TYPED_TEST(Requests, SS_036_handle_request_times_out) {
  const auto server = this->made(echo, {.timeout = 20ms});
  const auto start = Deadline::Clock::now();
  server->handle_request();
  EXPECT_GE(Deadline::Clock::now() - start, 20ms);
  EXPECT_EQ(this->journal.count("handle_timeout"), 1);
  EXPECT_EQ(this->journal.count("get_request"), 0);
}

TYPED_TEST(Requests, SS_041_handle_request_serves_one_that_waits) {
  const auto server = this->made(echo, {.timeout = testing::kPatience});
  typename TestFixture::Client first(server->server_address());
  typename TestFixture::Client second(server->server_address());
  first.request("first");
  second.request("second");
  server->handle_request();
  EXPECT_EQ(first.answer(), "first");
  server->handle_request();
  EXPECT_EQ(second.answer(), "second");
  server->server_close();
  EXPECT_EQ(this->journal.count("get_request"), 2);
  EXPECT_EQ(this->journal.count("handle_timeout"), 0);
}

template <class Cell>
class StreamRequests : public CellTest<Cell> {};
TYPED_TEST_SUITE(StreamRequests, StreamCells, CellNames);

/// Does not wait long for its client.
struct Hasty : NotingHandler {
  using NotingHandler::NotingHandler;
  std::optional<Duration> timeout() const override { return 20ms; }
};

TYPED_TEST(StreamRequests, SS_105_a_silent_client_is_given_up) {
  const Work work = echo;
  const auto server = make_server<typename TestFixture::Server>(
      testing::any_address<typename TestFixture::Server>(),
      handler<Hasty>(std::ref(this->journal), work),
      ServerOptions{.fork_with_threads = true, .log = {}}, this->journal);
  const ServerThread running(*server);
  testing::RawClient silent(server->server_address());
  EXPECT_TRUE(silent.at_eof());
  this->wait_for_ends(1);
  EXPECT_EQ(this->journal.count("handle_error"), 1);
  EXPECT_EQ(this->journal.count("finish"), 1);
  EXPECT_EQ(this->ask(*server, "hello"), "hello");
}

TYPED_TEST(StreamRequests, SS_042_a_client_that_resets_harms_nobody) {
  const auto server = this->made(echo);
  const ServerThread running(*server);
  // A worker forked later would have a copy of the client's socket, and keep it open.
  ASSERT_EQ(this->ask(*server, "hello"), "hello");
  {
    testing::RawClient rude(server->server_address());
    rude.send("half a request");
    rude.reset();
  }
  EXPECT_EQ(this->ask(*server, "hello"), "hello");
}

}  // namespace
}  // namespace socketserver::matrix
