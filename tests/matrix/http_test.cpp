// HTTP under every engine: what is served, what an idle connection holds, how all of it ends.

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/matrix/http_fixture.hpp"

namespace socketserver::matrix {
namespace {

TYPED_TEST_SUITE(HTTPEngine, Servers, ServerNames);

// What is served

TYPED_TEST(HTTPEngine, answers_and_keeps_the_connection) {
  const auto server = this->made();
  const ServerThread running(*server);
  RawClient client(server->server_address());
  for (const std::string path : {"/one", "/two", "/three"}) {
    client.send(get(path));
    EXPECT_EQ(body(client), path);
  }
}

TYPED_TEST(HTTPEngine, echoes_bodies_of_both_framings) {
  const auto server = this->made();
  const ServerThread running(*server);
  RawClient client(server->server_address());
  const std::string large(50'000, 'x');
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n" + large);
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("Transfer-Encoding: chunked"), head.npos);
  const std::string echoed = client.read_until("\r\n0\r\n\r\n");
  EXPECT_EQ(std::count(echoed.begin(), echoed.end(), 'x'), 50'000);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  client.send("3\r\nabc\r\n");
  client.send("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(body(client), "abcde");
}

TYPED_TEST(HTTPEngine, answers_pipelined_requests_in_order) {
  const auto server = this->made();
  const ServerThread running(*server);
  RawClient client(server->server_address());
  for (int round = 0; round < 3; ++round) {
    std::string requests;
    for (int i = 0; i < 16; ++i) requests += get("/" + std::to_string(i));
    client.send(requests);
    for (int i = 0; i < 16; ++i) EXPECT_EQ(body(client), "/" + std::to_string(i));
  }
}

TYPED_TEST(HTTPEngine, takes_requests_byte_by_byte) {
  const auto server = this->made();
  const ServerThread running(*server);
  RawClient client(server->server_address());
  for (int i = 0; i < 2; ++i) {
    client.send_in_pieces(get("/slowly"), 1);
    EXPECT_EQ(body(client), "/slowly");
  }
}

TYPED_TEST(HTTPEngine, answers_errors_and_goes_on) {
  const auto server = this->made();
  const ServerThread running(*server);
  RawClient bad(server->server_address());
  bad.send("GET / HTTP/1.1\r\n\r\n");
  body(bad, "HTTP/1.1 400 ");
  EXPECT_TRUE(bad.at_eof());
  RawClient failing(server->server_address());
  failing.send(get("/fail"));
  expect_silent_end(failing);
  RawClient good(server->server_address());
  good.send(get("/"));
  EXPECT_EQ(body(good), "/");
}

TYPED_TEST(HTTPEngine, a_handler_may_end_or_take_its_connection) {
  const auto server = this->made();
  const ServerThread running(*server);
  RawClient other(server->server_address());
  other.send(get("/before"));
  EXPECT_EQ(body(other), "/before");
  for (const std::string rest : {"", "he", "hello"}) {
    for (const std::string path : {"/close", "/take"}) {
      RawClient client(server->server_address());
      client.send("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n" + rest);
      if (path == "/take") {
        EXPECT_EQ(client.read_until("taken"), "taken");
      } else {
        expect_end(client);
      }
    }
    other.send(get("/after"));
    EXPECT_EQ(body(other), "/after") << "it was parked meanwhile";
  }
}

TYPED_TEST(HTTPEngine, closes_when_the_client_asks) {
  const auto server = this->made();
  const ServerThread running(*server);
  RawClient client(server->server_address());
  client.send(get("/first"));
  EXPECT_EQ(body(client), "/first");
  client.send("GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(body(client, "Connection: close"), "/last");
  EXPECT_TRUE(client.at_eof());
}

TYPED_TEST(HTTPEngine, serves_until_a_half_closed_connection_is_empty) {
  const auto server = this->made();
  const ServerThread running(*server);
  RawClient client(server->server_address());
  client.send(get("/one") + get("/two"));
  client.half_close();
  EXPECT_EQ(body(client), "/one");
  EXPECT_EQ(body(client), "/two");
  EXPECT_TRUE(client.at_eof());
}

// What idle connections hold

TYPED_TEST(HTTPEngine, silent_connections_hold_nobody_up) {
  const auto server = this->made();
  const ServerThread running(*server);
  std::vector<std::unique_ptr<RawClient>> silent;
  for (int i = 0; i < 50; ++i) {
    silent.push_back(std::make_unique<RawClient>(server->server_address()));
  }
  Duration best = 1h;
  for (int i = 0; i < 10; ++i) {
    const auto start = Deadline::Clock::now();
    RawClient client(server->server_address());
    client.send(get("/"));
    EXPECT_EQ(body(client), "/");
    best = std::min<Duration>(best, Deadline::Clock::now() - start);
  }
  EXPECT_LT(best, 50ms);
  // Nor have they been given handlers.
  EXPECT_EQ(this->stage.journal.count("handler"), 10);
  silent.back()->send(get("/late"));
  EXPECT_EQ(body(*silent.back()), "/late");
}

TYPED_TEST(HTTPEngine, idle_connections_hold_no_worker) {
  const auto server = this->made();
  const ServerThread running(*server);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 30; ++i) {
    clients.push_back(std::make_unique<RawClient>(server->server_address()));
  }
  for (int round = 0; round < 3; ++round) {
    for (const auto& client : clients) {
      client->send(get("/again"));
      EXPECT_EQ(body(*client), "/again");
    }
  }
  EXPECT_EQ(this->stage.journal.count("verify_request"), 30);
}

TYPED_TEST(HTTPEngine, the_count_of_requests_outlives_a_handler) {
  const auto server = this->made({.keep_alive_requests = 3});
  const ServerThread running(*server);
  RawClient client(server->server_address());
  RawClient other(server->server_address());
  for (int i = 0; i < 2; ++i) {
    client.send(get("/"));
    EXPECT_EQ(body(client), "/");
    // By then even a patient worker has turned to somebody else.
    other.send(get("/"));
    EXPECT_EQ(body(other), "/");
  }
  client.send(get("/"));
  EXPECT_EQ(body(client, "Connection: close"), "/");
  EXPECT_TRUE(client.at_eof());
}

// Stopping

TYPED_TEST(HTTPEngine, waiting_connections_end_with_the_server_at_once) {
  const auto server = this->made({.drain_grace = 1h});
  ServerThread running(*server, 1h);
  RawClient silent(server->server_address());
  RawClient idle(server->server_address());
  idle.send(get("/"));
  EXPECT_EQ(body(idle), "/");
  const auto start = Deadline::Clock::now();
  running.stop();
  EXPECT_LT(Deadline::Clock::now() - start, testing::kPatience / 2);
  expect_silent_end(silent);
  expect_silent_end(idle);
}

TYPED_TEST(HTTPEngine, a_request_under_way_is_answered_within_the_grace) {
  const auto server = this->made();
  ServerThread running(*server, 1h);
  RawClient client(server->server_address());
  client.send(get("/gate"));
  this->stage.journal.wait_for("gate");
  std::thread stopper([&] { server->shutdown(); });
  testing::wait_until("the stop is asked", [&] { return server->stop_requested(); });
  this->stage.go_on.open();
  // A worker process may hear of the stop only after its answer.
  EXPECT_EQ(body(client, TypeParam::kPreforks ? "200 OK" : "Connection: close"), "/gate");
  EXPECT_TRUE(client.at_eof());
  stopper.join();
  running.stop();
}

TYPED_TEST(HTTPEngine, serves_again_after_a_stop) {
  const auto server = this->made();
  for (int i = 0; i < 3; ++i) {
    ServerThread running(*server);
    RawClient silent(server->server_address());
    RawClient client(server->server_address());
    client.send(get("/"));
    EXPECT_EQ(body(client), "/");
    running.stop();
    expect_silent_end(silent);
  }
}

TYPED_TEST(HTTPEngine, handle_request_serves_a_whole_connection) {
  const auto server = this->made();
  RawClient client(server->server_address());
  client.send(get("/one") + "GET /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  server->handle_request();
  EXPECT_EQ(body(client), "/one");
  EXPECT_EQ(body(client), "/two");
  EXPECT_TRUE(client.at_eof());
}

}  // namespace
}  // namespace socketserver::matrix
