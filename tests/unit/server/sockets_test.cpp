// Where a server listens: several addresses, and sockets that somebody else opened.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/server/inherited_sockets.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using testing::DatagramClient;
using testing::RawClient;
using testing::ServerThread;

TEST(SeveralAddresses, are_all_served) {
  ThreadingTCPServer server(
      kAnyPort, handler<Echo>(),
      {.more_addresses = {Address("127.0.0.2", 0), Address("::1", 0), Address::unix_path("")}});
  const auto addresses = server.server_addresses();
  ASSERT_EQ(addresses.size(), 4u);
  EXPECT_EQ(addresses[0], server.server_address());
  ServerThread running(server);
  for (int round = 0; round < 3; ++round) {
    for (const Address& address : addresses) EXPECT_EQ(echoed(address, "hello\n"), "hello\n");
  }
}

TEST(SeveralAddresses, take_turns) {
  std::vector<std::uint16_t> order;
  TCPServer server(
      kAnyPort,
      [&](StreamRequestHandler& self) { order.push_back(self.connection().getsockname().port()); },
      {.more_addresses = {kAnyPort}});
  const auto addresses = server.server_addresses();
  std::vector<RawClient> clients;
  for (const auto& address : {addresses[0], addresses[0], addresses[1], addresses[1]}) {
    clients.emplace_back(address);
  }
  for (int i = 0; i < 4; ++i) server.handle_request();
  EXPECT_NE(order[0], order[1]) << "a busy address must not keep the other one waiting";
  EXPECT_NE(order[2], order[3]);
}

TEST(SeveralAddresses, packets_are_answered_from_where_they_came) {
  UDPServer server(kAnyPort, handler<Echo>(), {.more_addresses = {Address("127.0.0.2", 0)}});
  for (const Address& address : server.server_addresses()) {
    DatagramClient client(address);
    client.send("x");
    server.handle_request();
    EXPECT_EQ(client.receive(), "x");
    EXPECT_EQ(client.answered_by(), address);
  }
}

TEST(SeveralAddresses, SS_024_are_one_descriptor_in_a_poll_loop) {
  TCPServer server(kAnyPort, handler<Echo>(), {.more_addresses = {kAnyPort}});
  pollfd entry{server.fileno(), POLLIN, 0};
  EXPECT_EQ(::poll(&entry, 1, 0), 0);
  const RawClient client(server.server_addresses()[1]);
  EXPECT_EQ(::poll(&entry, 1, 10'000), 1);
}

TEST(SeveralAddresses, SS_005_one_that_cannot_be_had_closes_all) {
  const TCPServer other(kAnyPort, handler<Echo>());
  const int descriptors = open_descriptors();
  EXPECT_THROW(TCPServer(kAnyPort, handler<Echo>(), {.more_addresses = {other.server_address()}}),
               OSError);
  EXPECT_EQ(open_descriptors(), descriptors);
}

TEST(SeveralAddresses, server_close_closes_all) {
  const int descriptors = open_descriptors();
  TCPServer server(kAnyPort, handler<Echo>(), {.more_addresses = {kAnyPort}});
  const Address second = server.server_addresses()[1];
  server.server_close();
  EXPECT_EQ(server.fileno(), -1);
  EXPECT_THROW(RawClient{second}, OSError);
  EXPECT_LE(open_descriptors(), descriptors + 4) << "only the events of the loop are left";
}

TEST(InheritedSocket, is_served) {
  Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
  listener.bind(kAnyPort);
  listener.listen(5);
  const Address address = listener.getsockname();
  TCPServer server({"", 0}, handler<Echo>(), {.inherited_fd = listener.detach().release()});
  EXPECT_EQ(server.server_address(), address);
  ServerThread running(server);
  EXPECT_EQ(echoed(address, "hello\n"), "hello\n");
}

TEST(InheritedSocket, may_be_a_unix_socket_whatever_the_class) {
  Socket listener = Socket::open(AddressFamily::unix_domain, SocketType::stream);
  listener.bind(Address::unix_path(""));
  const Address address = listener.getsockname();
  TCPServer server({"", 0}, handler<Echo>(), {.inherited_fd = listener.detach().release()});
  EXPECT_EQ(server.server_address(), address);
  ServerThread running(server);
  EXPECT_EQ(echoed(address, "hello\n"), "hello\n");
}

TEST(InheritedSocket, of_packets_may_be_a_unix_socket) {
  Socket socket = Socket::open(AddressFamily::unix_domain, SocketType::datagram);
  socket.bind(Address::unix_path(""));
  const Address address = socket.getsockname();
  UDPServer server({"", 0}, handler<Echo>(), {.inherited_fd = socket.detach().release()});
  ServerThread running(server);
  EXPECT_EQ(DatagramClient(address).ask("x"), "x");
}

TEST(InheritedSocket, is_not_inherited_any_further) {
  Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
  listener.bind(kAnyPort);
  ASSERT_EQ(::fcntl(listener.fileno(), F_SETFD, 0), 0);
  const TCPServer server({"", 0}, handler<Echo>(), {.inherited_fd = listener.detach().release()});
  EXPECT_EQ(::fcntl(server.fileno(), F_GETFD), FD_CLOEXEC);
}

TEST(InheritedSocket, may_be_one_of_several) {
  std::vector<int> descriptors;
  std::vector<Address> addresses;
  for (int i = 0; i < 3; ++i) {
    Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
    listener.bind(kAnyPort);
    addresses.push_back(listener.getsockname());
    descriptors.push_back(listener.detach().release());
  }
  TCPServer server({"", 0}, handler<Echo>(),
                   {.more_addresses = {kAnyPort},
                    .inherited_fd = descriptors[0],
                    .more_inherited_fds = {descriptors[1], descriptors[2]}});
  addresses.push_back(server.server_addresses().back());
  EXPECT_EQ(server.server_addresses(), addresses);
  ServerThread running(server);
  for (const Address& address : addresses) EXPECT_EQ(echoed(address, "hello\n"), "hello\n");
}

TEST(InheritedSocket, all_are_closed_when_one_is_refused) {
  const int before = open_descriptors();
  Socket good = Socket::open(AddressFamily::inet, SocketType::stream);
  good.bind(kAnyPort);
  Socket bad = Socket::open(AddressFamily::inet, SocketType::datagram);
  Socket other = Socket::open(AddressFamily::inet, SocketType::stream);
  EXPECT_THROW(
      TCPServer({"", 0}, handler<Echo>(),
                {.inherited_fd = good.detach().release(),
                 .more_inherited_fds = {bad.detach().release(), other.detach().release()}}),
      std::invalid_argument);
  EXPECT_EQ(open_descriptors(), before);
}

bool is_ipv6_only(const Address& address, ServerOptions options) {
  TCPServer server(address, handler<Echo>(), std::move(options));
  int only = -1;
  socklen_t length = sizeof only;
  EXPECT_EQ(::getsockopt(server.socket().fileno(), IPPROTO_IPV6, IPV6_V6ONLY, &only, &length), 0);
  return only == 1;
}

TEST(IPv6Only, is_an_option) {
  const Address wildcard = Address::ipv6({}, 0);
  EXPECT_FALSE(is_ipv6_only(wildcard, {}));
  EXPECT_TRUE(is_ipv6_only(wildcard, {.ipv6_only = true}));
  EXPECT_FALSE(is_ipv6_only({"", 0}, {.ipv6_only = true})) << "that asks for both";
}

TEST(IPv6Only, is_the_default_beside_all_ipv4_addresses) {
  const Address wildcard = Address::ipv6({}, 0);
  EXPECT_TRUE(is_ipv6_only(wildcard, {.more_addresses = {Address("0.0.0.0", 0)}}));
  EXPECT_FALSE(is_ipv6_only(wildcard, {.more_addresses = {kAnyPort}}));
  EXPECT_FALSE(
      is_ipv6_only(wildcard, {.more_addresses = {Address("0.0.0.0", 0)}, .ipv6_only = false}));
}

TEST(InheritedSocket, need_not_listen_yet) {
  Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
  listener.bind(kAnyPort);
  TCPServer server({"", 0}, handler<Echo>(), {.inherited_fd = listener.detach().release()});
  ServerThread running(server);
  EXPECT_EQ(echoed(server.server_address(), "hello\n"), "hello\n");
}

TEST(InheritedSocket, serves_packets) {
  Socket socket = Socket::open(AddressFamily::inet, SocketType::datagram);
  socket.bind(kAnyPort);
  UDPServer server({"", 0}, handler<Echo>(), {.inherited_fd = socket.detach().release()});
  ServerThread running(server);
  EXPECT_EQ(DatagramClient(server.server_address()).ask("x"), "x");
}

TEST(InheritedSocket, of_another_type_is_refused) {
  Socket socket = Socket::open(AddressFamily::inet, SocketType::datagram);
  EXPECT_THROW(TCPServer({"", 0}, handler<Echo>(), {.inherited_fd = socket.detach().release()}),
               std::invalid_argument);
}

TEST(InheritedSocket, must_be_a_socket) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd other(ends[1]);
  try {
    const TCPServer server({"", 0}, handler<Echo>(), {.inherited_fd = ends[0]});
    FAIL() << "took a pipe for a socket";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::not_a_socket);
    EXPECT_NE(std::string(error.what()).find("inherited descriptor"), std::string::npos);
  }
}

/// Runs `check` in a child process whose descriptors 3 and 4 are listening sockets.
template <class Check>
void with_activated_sockets(const char* pid, Check check) {
  const ::pid_t child = ::fork();
  if (child == 0) {
    for (const int fd : {3, 4}) {
      Socket listener = Socket::open(AddressFamily::inet, SocketType::stream);
      listener.bind(kAnyPort);
      listener.listen(1);
      const int elsewhere = ::fcntl(listener.fileno(), F_DUPFD, 10);  // it may be 3 or 4 itself
      listener.close();
      ::dup2(elsewhere, fd);
    }
    ::setenv("LISTEN_PID", pid == nullptr ? std::to_string(::getpid()).c_str() : pid, 1);
    ::setenv("LISTEN_FDS", "2", 1);
    ::setenv("LISTEN_FDNAMES", "web:admin", 1);
    ::_exit(check() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(InheritedSockets, are_those_that_the_environment_announces) {
  with_activated_sockets(nullptr, [] {
    const auto sockets = inherited_sockets();
    return sockets.size() == 2 && sockets[0].fd == 3 && sockets[0].name == "web" &&
           sockets[1].fd == 4 && sockets[1].name == "admin" &&
           (::fcntl(3, F_GETFD) & FD_CLOEXEC) != 0 && std::getenv("LISTEN_FDS") == nullptr &&
           inherited_sockets().empty();
  });
}

TEST(InheritedSockets, can_be_served) {
  with_activated_sockets(nullptr, [] {
    TCPServer server({"", 0}, [](StreamRequestHandler& self) { self.wfile() << "hello"; },
                     {.inherited_fd = inherited_sockets()[1].fd});
    RawClient client(server.server_address());
    server.handle_request();
    return client.read_all() == "hello";
  });
}

TEST(InheritedSockets, of_another_process_are_left_alone) {
  with_activated_sockets("1", [] { return inherited_sockets().empty(); });
}

TEST(MaxConnectionsPerIp, refuses_more_and_reports_all_once_a_second) {
  CapturedLog log;
  testing::TestServer<ThreadingTCPServer> server(
      handler<Echo>(), {.limits = {.max_connections_per_ip = 2}, .log = log.sink()});
  RawClient first(server.address());
  RawClient second(server.address());
  first.send("1\n");
  second.send("2\n");
  EXPECT_EQ(first.read_until("\n"), "1\n");
  EXPECT_EQ(second.read_until("\n"), "2\n");
  for (int i = 0; i < 3; ++i) {
    RawClient third(server.address());
    EXPECT_TRUE(third.at_eof());
  }
  constexpr std::string_view kLimit = "max_connections_per_ip: ";
  const auto told = [&] {
    int refused = 0;
    for (const std::string& report : log.reports()) {
      EXPECT_TRUE(report.starts_with(kLimit)) << report;
      refused += std::stoi(report.substr(kLimit.size()));
    }
    return refused;
  };
  ASSERT_FALSE(log.reports().empty());
  EXPECT_EQ(log.reports()[0].substr(0, kLimit.size() + 9), std::string(kLimit) + "1 refused");
  testing::wait_until("all are reported", [&] { return told() == 3; });
  first.close();
  testing::wait_until("the first connection is forgotten",
                      [&] { return !echoed(server.address(), "x\n").empty(); });
}

}  // namespace
}  // namespace socketserver
