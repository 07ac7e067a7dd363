#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <socketserver/base/error.hpp>
#include <socketserver/fiber/scheduler.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>
#include <string>
#include <thread>

#include "tests/unit/xmlrpc/client_canned_server.hpp"

namespace socketserver::xmlrpc {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(ClientConnection, is_kept_between_calls) {
  CannedServer server({{{number(1), number(2), fault(3, "x"), number(4)}}});
  ServerProxy proxy(server.url());
  EXPECT_EQ(proxy("f"), Value(1));
  EXPECT_EQ(proxy("f"), Value(2));
  EXPECT_THROW(proxy("f"), Fault);
  EXPECT_EQ(proxy("f"), Value(4));
  EXPECT_EQ(server.accepted(), 1);
}

TEST(ClientConnection, is_not_kept_when_the_server_does_not_want_it) {
  const std::string once = answer(document({"<int>1</int>"}), "Connection: close\r\n");
  CannedServer server({{{once}}, {{number(2)}}});
  ServerProxy proxy(server.url());
  EXPECT_EQ(proxy("f"), Value(1));
  server.wait_closed(1);
  EXPECT_EQ(proxy("f"), Value(2));
}

TEST(ClientConnection, XR_148_a_kept_connection_that_was_closed_is_replaced) {
  CannedServer server({{{number(1)}, false}, {{number(2)}}});
  ServerProxy proxy(server.url());
  EXPECT_EQ(proxy("f"), Value(1));
  server.wait_closed(1);
  EXPECT_EQ(proxy("f"), Value(2));
  EXPECT_EQ(server.requests(2).size(), 2u) << "nothing was sent into the closed one";
}

TEST(ClientConnection, XR_148_one_retry_when_it_is_closed_without_a_byte) {
  CannedServer server({{{number(1), ""}}, {{number(2)}}});
  ServerProxy proxy(server.url());
  EXPECT_EQ(proxy("f"), Value(1));
  EXPECT_EQ(proxy("g"), Value(2));
  const auto requests = server.requests(3);
  EXPECT_EQ(requests[1], requests[2]) << "the same, once more";
}

TEST(ClientConnection, XR_148_never_twice) {
  CannedServer server({{{number(1), ""}}, {{""}}, {{number(2)}}});
  ServerProxy proxy(server.url());
  EXPECT_EQ(proxy("f"), Value(1));
  try {
    proxy("f");
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::connection_reset);
    EXPECT_THAT(error.what(), HasSubstr(server.address().to_string()));
  }
  EXPECT_EQ(server.requests(3).size(), 3u);
  EXPECT_EQ(proxy("f"), Value(2)) << "the next call starts afresh";
}

TEST(ClientConnection, XR_148_no_retry_on_a_new_connection) {
  CannedServer server({{{""}}, {{number(2)}}});
  ServerProxy proxy(server.url());
  EXPECT_THROW(proxy("f"), OSError);
  EXPECT_EQ(server.accepted(), 1);
}

TEST(ClientConnection, XR_148_no_retry_once_a_byte_has_come) {
  CannedServer server({{{number(1), "H"}, false}, {{number(2)}}});
  ServerProxy proxy(server.url());
  EXPECT_EQ(proxy("f"), Value(1));
  EXPECT_THROW(proxy("f"), ResponseError);
  EXPECT_EQ(server.accepted(), 1);
}

TEST(ClientConnection, XR_153_closed_and_used_again) {
  CannedServer server({{{number(1)}}, {{number(2)}}});
  ServerProxy proxy(server.url());
  EXPECT_EQ(proxy("f"), Value(1));
  proxy.close();
  proxy.close();
  EXPECT_EQ(proxy("f"), Value(2));
  EXPECT_EQ(server.accepted(), 2);
}

TEST(ClientConnection, nobody_listens) {
  Address nobody;
  {
    Socket socket = Socket::open(AddressFamily::inet, SocketType::stream);
    socket.bind(Address("127.0.0.1", 0));
    nobody = socket.getsockname();
  }
  ServerProxy proxy("http://" + nobody.to_string());
  try {
    proxy("f");
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::connection_refused);
    EXPECT_THAT(error.what(), HasSubstr("connect " + nobody.to_string()));
  }
}

TEST(ClientConnection, names_are_looked_up_and_their_addresses_tried) {
  CannedServer server({{{number(1)}}});
  ServerProxy proxy("http://localhost:" + std::to_string(server.address().port()));
  EXPECT_EQ(proxy("f"), Value(1));
  EXPECT_THAT(server.requests().front(), HasSubstr("\r\nHost: localhost:"));
}

TEST(ClientConnection, Unix_sockets) {
  CannedServer server({{{number(1)}}}, Address::unix_path(""));
  const std::string address = server.address().to_string();
  ServerProxy proxy(address);
  EXPECT_EQ(proxy("f"), Value(1));
  EXPECT_THAT(server.requests().front(),
              ::testing::StartsWith("POST /RPC2 HTTP/1.1\r\nHost: localhost\r\n"));
  ServerProxy nobody("unix:/nonexistent/socket");
  try {
    nobody("f");
    FAIL();
  } catch (const OSError& error) {
    EXPECT_THAT(error.what(), HasSubstr("connect unix:/nonexistent/socket"));
  }
}

TEST(ClientConnection, a_Unix_socket_whose_queue_is_full_is_waited_for) {
  Socket listener = Socket::open(AddressFamily::unix_domain, SocketType::stream);
  listener.bind(Address::unix_path(""));
  listener.listen(0);
  ::fcntl(listener.fileno(), F_SETFL, 0);  // accept() waits
  const socketserver::testing::RawClient first(listener.getsockname());
  ServerProxy proxy(listener.getsockname().to_string(), {.connect_timeout = 50ms});
  EXPECT_THROW(proxy("f"), TimeoutError);

  ServerProxy patient(listener.getsockname().to_string());
  std::jthread call([&] { EXPECT_THROW(patient("f"), OSError); });
  listener.accept();
  listener.accept().first.close();  // connected, but not answered
}

TEST(ClientConnection, the_whole_call_has_a_deadline) {
  for (const std::string& raw :
       {std::string("HTTP/1.1 200"), std::string("HTTP/1.1 200 OK\r\n\r\n<")}) {
    CannedServer server({{{raw}}, {{number(2)}}});
    ServerProxy proxy(server.url(), {.timeout = 50ms});
    try {
      proxy("f");
      FAIL();
    } catch (const TimeoutError& error) {
      EXPECT_THAT(error.what(), HasSubstr("receive from " + server.address().to_string()));
    }
  }
}

TEST(ClientConnection, connecting_has_a_deadline) {
  // A queue that is full takes no connection.
  Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
  listener.bind(Address("127.0.0.1", 0));
  listener.listen(0);
  const Address address = listener.getsockname();
  std::vector<Socket> waiting;
  for (int i = 0; i < 3; ++i) {
    try {
      waiting.push_back(Socket::connect(address, Deadline::after(20ms)));
    } catch (const TimeoutError&) {
      break;
    }
  }
  ServerProxy proxy("http://" + address.to_string(), {.connect_timeout = 20ms});
  try {
    proxy("f");
    FAIL();
  } catch (const TimeoutError& error) {
    EXPECT_THAT(error.what(), HasSubstr("connect " + address.to_string()));
  }
}

TEST(ClientConnection, an_early_answer_counts_although_the_request_was_not_taken) {
  // The server answers, and closes, as soon as it has seen the head.
  Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
  listener.bind(Address("127.0.0.1", 0));
  listener.listen(1);
  std::thread server([&] {
    const Deadline deadline = Deadline::after(testing::kPatience);
    ASSERT_FALSE(Waiter::thread().wait(listener.fileno(), Interest::read, deadline, true));
    Socket connection = listener.accept().first;
    connection.recv(100);
    connection.sendall(answer("", "Connection: close\r\n", "413 Too Large"));
    connection.shutdown(Direction::write);
    while (!connection.recv(1 << 20).empty()) {
    }
  });
  ServerProxy proxy("http://" + listener.getsockname().to_string());
  try {
    proxy("f", std::string(10'000'000, 'x'));
    ADD_FAILURE();
  } catch (const ProtocolError& error) {
    EXPECT_EQ(error.errcode(), 413);
  }
  proxy.close();
  server.join();
}

TEST(ClientConnection, an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one) {
  Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
  listener.bind(Address("127.0.0.1", 0));
  listener.listen(2);
  testing::Event first_done("the first call has returned");
  testing::Event unasked_sent("the other answer is sent");
  std::thread server([&] {
    const Deadline deadline = Deadline::after(testing::kPatience);
    ASSERT_FALSE(Waiter::thread().wait(listener.fileno(), Interest::read, deadline, true));
    Socket first = listener.accept().first;
    first.recv(10'000);
    first.sendall(number(1));
    first_done.wait();
    first.sendall(number(99));
    unasked_sent.set();
    ASSERT_FALSE(Waiter::thread().wait(listener.fileno(), Interest::read, deadline, true));
    Socket second = listener.accept().first;
    second.recv(10'000);
    second.sendall(number(2));
  });
  ServerProxy proxy("http://" + listener.getsockname().to_string());
  EXPECT_EQ(proxy("f"), Value(1));
  first_done.set();
  unasked_sent.wait();
  EXPECT_EQ(proxy("f"), Value(2));
  server.join();
}

TEST(ClientConnection, a_fiber_that_calls_lets_others_run) {
  CannedServer server({{{number(1), number(2)}}});
  Scheduler scheduler;
  Value result;
  int turns = 0;
  bool done = false;
  scheduler.spawn([&] {
    ServerProxy proxy(server.url());
    result = proxy("f");
    result = proxy("f");
    done = true;
    scheduler.notify();
  });
  scheduler.spawn([&] {
    while (!done) {
      ++turns;
      scheduler.yield();
    }
  });
  while (!done) {
    scheduler.run_until_ready(Deadline::after(testing::kPatience));
  }
  EXPECT_EQ(result, Value(2));
  EXPECT_GT(turns, 1);
}

}  // namespace
}  // namespace socketserver::xmlrpc
