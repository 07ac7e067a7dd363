#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include <socketserver/base/error.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/server/datagram_handler.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::DatagramClient;
using testing::Event;
using testing::TestServer;

/// Answers with what it was sent, twice.
struct Twice : DatagramRequestHandler {
  void handle() override {
    wfile() << packet();
    wfile() << packet();
  }
};

/// Answers with an empty packet.
struct Silent : DatagramRequestHandler {
  void handle() override {}
};

/// Asks `mute`, then another server that always answers: its answer is the first to come.
void expect_no_answer(UDPServer& mute) {
  UDPServer loud(kAnyPort, handler<Silent>());
  DatagramClient client(mute.server_address());
  client.send("x");
  mute.handle_request();
  client.socket().sendto("x", loud.server_address());
  loud.handle_request();
  EXPECT_EQ(client.receive(), "");
  EXPECT_EQ(client.answered_by(), loud.server_address());
}

TEST(UDPServer, SS_002_is_bound_where_it_says) {
  UDPServer server(kAnyPort, handler<Twice>());
  EXPECT_NE(server.server_address().port(), 0);
  EXPECT_EQ(server.server_address(), server.socket().getsockname());
  EXPECT_EQ(server.socket_type(), SocketType::datagram);
}

TEST(UDPServer, SS_013_does_not_listen) {
  UDPServer server(kAnyPort, handler<Twice>());
  int listening = -1;
  socklen_t length = sizeof listening;
  ASSERT_EQ(::getsockopt(server.fileno(), SOL_SOCKET, SO_ACCEPTCONN, &listening, &length), 0);
  EXPECT_EQ(listening, 0);
  server.server_activate();
}

TEST(UDPServer, SS_088_request_is_the_packet_and_the_way_back) {
  UDPServer server(kAnyPort, [](BaseRequestHandler& self) {
    const Datagram& packet = self.request().datagram();
    EXPECT_EQ(packet.sender, self.client_address());
    EXPECT_EQ(self.request().socket().getsockname(), self.server().server_address());
    self.request().socket().sendto(packet.data + "!", self.client_address());
  });
  DatagramClient client(server.server_address());
  client.send("hello");
  server.handle_request();
  EXPECT_EQ(client.receive(), "hello!");
}

TEST(UDPServer, SS_088_request_can_be_received_and_answered_like_a_connection) {
  UDPServer server(kAnyPort, [](BaseRequestHandler& self) {
    EXPECT_EQ(self.request().recv(3), "abc");
    EXPECT_EQ(self.request().recv(30), "de");
    EXPECT_EQ(self.request().recv(30), "");
    self.request().sendall("one");
    self.request().sendall("two");
  });
  DatagramClient client(server.server_address());
  client.send("abcde");
  server.handle_request();
  EXPECT_EQ(client.receive(), "one");
  EXPECT_EQ(client.receive(), "two");
}

TEST(UDPServer, SS_089_P14_a_packet_that_is_too_long_says_so) {
  std::size_t length = 0;
  bool truncated = false;
  UDPServer server(kAnyPort, [&](DatagramRequestHandler& self) {
    length = self.packet().size();
    truncated = self.truncated();
  });
  EXPECT_EQ(server.max_packet_size(), 8192u);
  DatagramClient client(server.server_address());
  client.send(std::string(8192, 'x'));
  server.handle_request();
  EXPECT_EQ(length, 8192u);
  EXPECT_FALSE(truncated);
  client.send(std::string(8193, 'x'));
  server.handle_request();
  EXPECT_EQ(length, 8192u);
  EXPECT_TRUE(truncated);
}

TEST(UDPServer, SS_090_max_packet_size_is_the_most_that_is_seen) {
  std::string seen;
  UDPServer server(kAnyPort, [&](DatagramRequestHandler& self) { seen = self.packet(); },
                   {.max_packet_size = 16});
  DatagramClient client(server.server_address());
  client.send("01234567890123456789");
  server.handle_request();
  EXPECT_EQ(seen, "0123456789012345");
}

TEST(UDPServer, packets_as_large_as_they_get_fit) {
  UDPServer server(kAnyPort, handler<Echo>(), {.max_packet_size = 65'536});
  DatagramClient client(server.server_address());
  const std::string largest(65'507, 'x');
  client.send(largest);
  server.handle_request();
  EXPECT_EQ(client.receive(), largest);
}

TEST(UDPServer, max_packet_size_has_bounds) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{65'537}}) {
    EXPECT_THROW(UDPServer(kAnyPort, handler<Twice>(), {.max_packet_size = size}),
                 std::out_of_range);
  }
}

TEST(UDPServer, SS_091_an_empty_packet_is_a_request) {
  int requests = 0;
  UDPServer server(kAnyPort, [&](DatagramRequestHandler& self) {
    ++requests;
    EXPECT_EQ(self.packet(), "");
    EXPECT_EQ(self.rfile().readline(), std::nullopt);
  });
  DatagramClient client(server.server_address());
  client.send("");
  server.handle_request();
  EXPECT_EQ(requests, 1);
}

TEST(UDPServer, SS_092_the_socket_outlives_its_requests) {
  const auto server = make_server<RecordingServer<UDPServer>>(kAnyPort, handler<Twice>());
  DatagramClient client(server->server_address());
  for (const char* word : {"a", "b", "c"}) {
    client.send(word);
    server->handle_request();
    EXPECT_EQ(client.receive(), std::string(word) + word);
  }
  EXPECT_EQ(server->calls.count("close_request"), 3);
}

TEST(UDPServer, SS_031_a_get_request_that_throws_loses_no_packet) {
  const auto server = make_server<RecordingServer<UDPServer>>(kAnyPort, handler<Twice>());
  int calls = 0;
  server->on_entry["get_request"] = [&] {
    if (++calls == 2) throw OSError(std::make_error_code(std::errc::io_error), "not yet");
  };
  DatagramClient client(server->server_address());
  for (const char* word : {"a", "b", "c"}) client.send(word);
  const testing::ServerThread running(*server);
  EXPECT_EQ(client.receive(), "aa");
  EXPECT_EQ(client.receive(), "bb");
  EXPECT_EQ(client.receive(), "cc");
}

TEST(UDPServer, SS_093_all_that_is_written_leaves_as_one_packet) {
  UDPServer server(kAnyPort, handler<Twice>());
  DatagramClient client(server.server_address());
  client.send("ab");
  server.handle_request();
  EXPECT_EQ(client.receive(), "abab");
}

TEST(UDPServer, SS_094_writing_nothing_answers_with_nothing) {
  UDPServer server(kAnyPort, handler<Silent>());
  DatagramClient client(server.server_address());
  client.send("x");
  server.handle_request();
  EXPECT_EQ(client.receive(), "");
}

TEST(UDPServer, SS_094_or_not_at_all) {
  struct Mute : Silent {
    bool replies_when_empty() const override { return false; }
  };
  UDPServer mute(kAnyPort, handler<Mute>());
  expect_no_answer(mute);
}

TEST(UDPServer, SS_095_what_was_written_before_an_exception_is_sent) {
  CapturedLog log;
  const auto server = make_server<RecordingServer<UDPServer>>(kAnyPort,
                                                              [](DatagramRequestHandler& self) {
                                                                self.wfile() << "half";
                                                                throw std::runtime_error("boom");
                                                              },
                                                              {.log = log.sink()});
  DatagramClient client(server->server_address());
  client.send("x");
  server->handle_request();
  EXPECT_EQ(client.receive(), "half");
  EXPECT_EQ(server->calls.count("handle_error"), 1);
  ASSERT_EQ(log.reports().size(), 1u);
  EXPECT_NE(log.reports()[0].find("boom"), std::string::npos);
}

TEST(UDPServer, SS_096_an_answer_that_no_packet_holds_is_an_error) {
  CapturedLog log;
  UDPServer server(
      kAnyPort,
      [](DatagramRequestHandler& self) {
        self.wfile() << (self.packet() == "large" ? std::string(70'000, 'x') : "small");
      },
      {.log = log.sink()});
  DatagramClient client(server.server_address());
  client.send("large");
  server.handle_request();
  ASSERT_EQ(log.reports().size(), 1u);
  EXPECT_NE(log.reports()[0].find("Message too long"), std::string::npos);
  client.send("x");
  server.handle_request();
  EXPECT_EQ(client.receive(), "small");
}

TEST(UDPServer, a_stream_handler_serves_packets_too) {
  TestServer<UDPServer> server(handler<Echo>());
  DatagramClient client(server.address());
  EXPECT_EQ(client.ask("one\ntwo\n"), "one\ntwo\n");
}

TEST(UDPServer, a_stream_handler_answers_with_one_packet_per_flush) {
  TestServer<UDPServer> server([](StreamRequestHandler& self) {
    for (const std::string& line : self.rfile()) {
      self.wfile() << line;
      self.wfile().flush();
    }
  });
  DatagramClient client(server.address());
  EXPECT_EQ(client.ask("one\ntwo\n"), "one\n");
  EXPECT_EQ(client.receive(), "two\n");
}

TEST(UDPServer, a_stream_handler_that_writes_nothing_answers_nothing) {
  UDPServer mute(kAnyPort, [](StreamRequestHandler&) {});
  expect_no_answer(mute);
}

TEST(UDPServer, an_answer_of_a_stream_handler_can_be_too_large) {
  CapturedLog log;
  UDPServer server(kAnyPort,
                   [](StreamRequestHandler& self) { self.wfile() << std::string(70'000, 'x'); },
                   {.log = log.sink()});
  DatagramClient client(server.server_address());
  client.send("x");
  server.handle_request();
  EXPECT_EQ(log.reports().size(), 1u);
}

TEST(UDPServer, answers_come_from_the_address_that_was_asked) {
  UDPServer server({"0.0.0.0", 0}, handler<Echo>());
  for (const char* host : {"127.0.0.1", "127.0.0.2", "127.1.2.3"}) {
    const Address asked(host, server.server_address().port());
    DatagramClient client(asked);
    client.send("hello");
    server.handle_request();
    EXPECT_EQ(client.receive(), "hello");
    EXPECT_EQ(client.answered_by(), asked);
  }
}

TEST(UDPServer, packets_to_many_are_answered) {
  for (const char* any : {"0.0.0.0", ""}) {
    UDPServer server({any, 0}, handler<Echo>());
    const UniqueFd client(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(client.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
    sockaddr_in everybody{};
    everybody.sin_family = AF_INET;
    everybody.sin_port = htons(server.server_address().port());
    ::inet_pton(AF_INET, "127.255.255.255", &everybody.sin_addr);
    ASSERT_EQ(::sendto(client.get(), "hello", 5, 0, reinterpret_cast<sockaddr*>(&everybody),
                       sizeof everybody),
              5);
    server.handle_request();
    pollfd answered{client.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&answered, 1, 10'000), 1) << any;
    char answer[8];
    EXPECT_EQ(::recv(client.get(), answer, sizeof answer, 0), 5);
  }
}

TEST(UDPServer, one_socket_answers_over_both_ip_versions) {
  Address client_address;
  UDPServer server({"", 0}, [&](StreamRequestHandler& self) {
    client_address = self.client_address();
    self.wfile() << "here";
  });
  for (const char* host : {"127.0.0.1", "127.0.0.2", "::1"}) {
    const Address asked(host, server.server_address().port());
    DatagramClient client(asked);
    client.send("where?");
    server.handle_request();
    EXPECT_EQ(client.receive(), "here");
    EXPECT_EQ(client.answered_by(), asked);
    EXPECT_EQ(client_address.family(), asked.family()) << "IPv4 shows as IPv4";
  }
}

TEST(UDPServer, SS_015_serves_ipv6) {
  UDPServer server({"::1", 0}, handler<Echo>());
  EXPECT_EQ(server.address_family(), AddressFamily::inet6);
  DatagramClient client(server.server_address());
  client.send("six");
  server.handle_request();
  EXPECT_EQ(client.receive(), "six");
}

TEST(UDPServer, refused_packets_get_no_answer) {
  struct Refusing : UDPServer {
    using UDPServer::UDPServer;
    bool verify_request(Request& request, const Address&) override {
      return request.datagram().data != "no";
    }
  };
  TestServer<Refusing> server(handler<Echo>());
  DatagramClient client(server.address());
  client.send("no");
  EXPECT_EQ(client.ask("yes"), "yes");
}

TEST(UDPServer, SS_071_threads_answer_packets) {
  TestServer<ThreadingUDPServer> server(handler<Echo>());
  for (const char* word : {"one", "two", "three"}) {
    DatagramClient client(server.address());
    EXPECT_EQ(client.ask(word), word);
  }
}

TEST(UDPServer, a_handler_that_outlives_server_close_can_still_answer) {
  Event started("the handler runs");
  Event closed("the server is closed");
  ThreadingUDPServer server(kAnyPort,
                            [&](StreamRequestHandler& self) {
                              started.set();
                              closed.wait();
                              self.wfile() << "late";
                            },
                            {.daemon_threads = true});
  DatagramClient client(server.server_address());
  client.send("x");
  server.handle_request();
  started.wait();
  server.server_close();
  EXPECT_EQ(server.fileno(), -1);
  closed.set();
  EXPECT_EQ(client.receive(), "late");
}

TEST(UDPServer, stops_at_once_while_idle) {
  TestServer<UDPServer> server(handler<Echo>(), {}, 1h);
  server.stop();
}

TEST(UDPServer, is_no_connection) {
  UDPServer server(kAnyPort, [](BaseRequestHandler& self) {
    EXPECT_TRUE(self.request().is_datagram());
    EXPECT_THROW(Request(Socket()).datagram(), std::logic_error);
    EXPECT_THROW(Request(Socket()).reply("x"), std::logic_error);
  });
  DatagramClient client(server.server_address());
  client.send("x");
  server.handle_request();
}

}  // namespace
}  // namespace socketserver
