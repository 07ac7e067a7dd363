#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "tests/unit/server/fixtures.hpp"

namespace socketserver {
namespace {

using testing::RawClient;
using testing::ServerThread;

int option_of(const BaseServer& server, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  ::getsockopt(server.fileno(), level, name, &value, &length);
  return value;
}

std::string printed(const Address& address) {
  std::ostringstream out;
  out << address;
  return out.str();
}

template <class Server>
struct Bound : ::testing::Test {};
using AllServers =
    ::testing::Types<TCPServer, UDPServer, UnixStreamServer, UnixDatagramServer, ThreadingTCPServer,
                     ThreadingUDPServer, ThreadingUnixStreamServer, ThreadingUnixDatagramServer,
                     ForkingTCPServer, ForkingUDPServer, ForkingUnixStreamServer,
                     ForkingUnixDatagramServer>;
TYPED_TEST_SUITE(Bound, AllServers);

TYPED_TEST(Bound, SS_002_server_address_is_the_sockets_name) {
  TypeParam server(testing::any_address<TypeParam>(), handler<Echo>());
  EXPECT_EQ(server.server_address(), server.socket().getsockname());
  EXPECT_NE(server.server_address(), testing::any_address<TypeParam>());
}

template <class Server>
struct Construction : ::testing::Test {};
using StockServers = ::testing::Types<TCPServer, ThreadingTCPServer>;
TYPED_TEST_SUITE(Construction, StockServers);

TYPED_TEST(Construction, SS_001_bound_and_listening_when_the_constructor_returns) {
  TypeParam server({"localhost", 0}, handler<Echo>());
  EXPECT_NE(server.server_address().port(), 0);
  const RawClient client(server.server_address());
}

TYPED_TEST(Construction, SS_003_unbound_when_asked) {
  TypeParam server({"127.0.0.1", 12345}, handler<Echo>(), {.bind_and_activate = false});
  EXPECT_GE(server.fileno(), 0);
  EXPECT_EQ(server.socket().getsockname().port(), 0);
  EXPECT_EQ(server.server_address(), Address("127.0.0.1", 12345));
}

TYPED_TEST(Construction, SS_003_bound_later_by_hand) {
  TypeParam server(kAnyPort, handler<Echo>(), {.bind_and_activate = false});
  server.server_bind();
  server.server_activate();
  EXPECT_NE(server.server_address().port(), 0);
  const RawClient client(server.server_address());
}

TYPED_TEST(Construction, SS_004_overridden_hooks_are_called_once_in_order) {
  const auto server = make_server<RecordingServer<TypeParam>>(kAnyPort, handler<Echo>());
  EXPECT_EQ(server->calls.all(), (std::vector<std::string>{"server_bind", "server_activate"}));
  EXPECT_EQ(server->server_address(), server->socket().getsockname());
}

TYPED_TEST(Construction, SS_004_make_server_leaves_it_unbound_when_asked) {
  const auto server = make_server<RecordingServer<TypeParam>>(kAnyPort, handler<Echo>(),
                                                              {.bind_and_activate = false});
  EXPECT_TRUE(server->calls.all().empty());
  EXPECT_EQ(server->server_address().port(), 0);
}

TYPED_TEST(Construction, SS_005_a_port_in_use_is_an_error_and_leaks_nothing) {
  const TypeParam first(kAnyPort, handler<Echo>());
  const int before = open_descriptors();
  for (int i = 0; i < 2; ++i) {
    try {
      const TypeParam second(first.server_address(), handler<Echo>());
      FAIL();
    } catch (const OSError& error) {
      EXPECT_EQ(error.code(), std::errc::address_in_use);
      EXPECT_EQ(std::string(error.what()).rfind("bind " + first.server_address().to_string(), 0),
                0u);
    }
  }
  EXPECT_EQ(open_descriptors(), before);
}

TYPED_TEST(Construction, SS_006_a_thousand_failures_leak_no_descriptor) {
  const TypeParam taken(kAnyPort, handler<Echo>());
  const int before = open_descriptors();
  for (int i = 0; i < 1024; ++i) {
    EXPECT_THROW(TypeParam({"127.0.0.1", -1}, handler<Echo>()), std::out_of_range);
    EXPECT_THROW(TypeParam(taken.server_address(), handler<Echo>()), OSError);
  }
  EXPECT_EQ(open_descriptors(), before);
}

template <class Base>
struct FailingActivate : Base {
  using Base::Base;
  void server_activate() override { throw std::runtime_error("no"); }
};

TYPED_TEST(Construction, SS_007_a_failing_hook_closes_what_was_opened) {
  const int before = open_descriptors();
  EXPECT_THROW(make_server<FailingActivate<TypeParam>>(kAnyPort, handler<Echo>()),
               std::runtime_error);
  EXPECT_EQ(open_descriptors(), before);
}

TYPED_TEST(Construction, SS_008_address_reuse_is_off_unless_asked) {
  const TypeParam plain(kAnyPort, handler<Echo>());
  EXPECT_FALSE(plain.allow_reuse_address());
  EXPECT_EQ(option_of(plain, SOL_SOCKET, SO_REUSEADDR), 0);
  const TypeParam reusing(kAnyPort, handler<Echo>(), {.allow_reuse_address = true});
  EXPECT_TRUE(reusing.allow_reuse_address());
  EXPECT_EQ(option_of(reusing, SOL_SOCKET, SO_REUSEADDR), 1);
}

TYPED_TEST(Construction, SS_009_address_reuse_takes_nothing_from_a_live_listener) {
  const ServerOptions options = {.allow_reuse_address = true};
  const TypeParam first(kAnyPort, handler<Echo>(), options);
  EXPECT_THROW(TypeParam(first.server_address(), handler<Echo>(), options), OSError);
}

TYPED_TEST(Construction, SS_010_port_reuse_shares_a_port) {
  const ServerOptions options = {.allow_reuse_port = true};
  const TypeParam first(kAnyPort, handler<Echo>(), options);
  const TypeParam second(first.server_address(), handler<Echo>(), options);
  EXPECT_EQ(first.server_address(), second.server_address());
  EXPECT_THROW(TypeParam(first.server_address(), handler<Echo>()), OSError);
}

TYPED_TEST(Construction, SS_012_listen_gets_the_queue_size) {
  // For a listening socket TCP_INFO has the length of its queue where others count SACKs.
  const auto backlog_of = [](const BaseServer& server) {
    tcp_info info{};
    socklen_t length = sizeof info;
    ::getsockopt(server.fileno(), IPPROTO_TCP, TCP_INFO, &info, &length);
    return static_cast<int>(info.tcpi_sacked);
  };
  const TypeParam small(kAnyPort, handler<Echo>(), {.request_queue_size = 7});
  EXPECT_EQ(small.request_queue_size(), 7);
  EXPECT_EQ(backlog_of(small), 7);
  const TypeParam standard(kAnyPort, handler<Echo>());
  EXPECT_EQ(standard.request_queue_size(), SOMAXCONN);
  EXPECT_GT(backlog_of(standard), 7);
}

TYPED_TEST(Construction, SS_014_every_interface_shows_as_0_0_0_0) {
  const TypeParam server({"", 0}, handler<Echo>());
  EXPECT_EQ(server.server_address().host(), "0.0.0.0");
  EXPECT_NE(server.server_address().port(), 0);
  EXPECT_EQ(server.address_family(), AddressFamily::inet);
}

TYPED_TEST(Construction, SS_015_an_IPv6_address_has_four_parts) {
  const TypeParam server({"::1", 0}, handler<Echo>());
  EXPECT_EQ(server.address_family(), AddressFamily::inet6);
  EXPECT_EQ(printed(server.server_address()),
            "('::1', " + std::to_string(server.server_address().port()) + ", 0, 0)");
}

TYPED_TEST(Construction, SS_019_fileno_is_the_listening_descriptor_until_closed) {
  TypeParam server(kAnyPort, handler<Echo>());
  EXPECT_EQ(server.fileno(), server.socket().fileno());
  EXPECT_EQ(option_of(server, SOL_SOCKET, SO_ACCEPTCONN), 1);
  server.server_close();
  EXPECT_EQ(server.fileno(), -1);
}

TYPED_TEST(Construction, SS_020_the_end_of_its_scope_closes_it) {
  const int before = open_descriptors();
  { const TypeParam server(kAnyPort, handler<Echo>()); }
  EXPECT_EQ(open_descriptors(), before);
}

TYPED_TEST(Construction, SS_021_SS_022_closing_twice_without_having_served) {
  TypeParam server(kAnyPort, handler<Echo>());
  server.server_close();
  server.server_close();
}

TYPED_TEST(Construction, options_are_kept) {
  CapturedLog log;
  const TypeParam server(kAnyPort, handler<Echo>(), {.log = log.sink()});
  EXPECT_EQ(server.timeout(), std::nullopt);
  EXPECT_EQ(server.socket_type(), SocketType::stream);
  server.log(LogLevel::info, "to the sink of the options");
  EXPECT_EQ(log.reports(), std::vector<std::string>{"to the sink of the options"});
}

TYPED_TEST(Construction, an_empty_log_sink_drops_reports) {
  const TypeParam server(kAnyPort, handler<Echo>(), {.log = {}});
  server.log(LogLevel::error, "nobody hears");
}

/// What `ls` sees of its own descriptors when this program starts it.
std::string descriptors_of_a_child() {
  const std::unique_ptr<FILE, int (*)(FILE*)> child(::popen("ls -l /proc/self/fd", "r"), ::pclose);
  std::string listing;
  std::array<char, 4096> block;
  while (const std::size_t n = std::fread(block.data(), 1, block.size(), child.get())) {
    listing.append(block.data(), n);
  }
  return listing;
}

TYPED_TEST(Construction, SS_023_a_child_program_inherits_nothing) {
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  const auto before = lines(descriptors_of_a_child());
  testing::Event connected("the connection is accepted");
  testing::Event done("the child has looked");
  TypeParam server(kAnyPort, [&](StreamRequestHandler&) {
    connected.set();
    done.wait();
  });
  ServerThread running(server);
  const RawClient client(server.server_address());
  connected.wait();
  const std::string listing = descriptors_of_a_child();
  done.set();
  struct stat status {};
  ::fstat(server.fileno(), &status);
  EXPECT_EQ(listing.find("socket:[" + std::to_string(status.st_ino) + ']'), std::string::npos);
  EXPECT_EQ(lines(listing), before) << listing;
}

TYPED_TEST(Construction, every_interface_serves_both_ip_versions) {
  for (const char* any : {"", "::"}) {
    testing::Event served("a client is served");
    Calls clients;
    TypeParam server({any, 0}, [&](StreamRequestHandler& self) {
      clients.add(self.client_address().host());
      served.set();
    });
    ServerThread running(server);
    for (const char* host : {"127.0.0.1", "::1"}) {
      RawClient client(Address(host, server.server_address().port()));
      EXPECT_TRUE(client.at_eof());
    }
    served.wait(2);
    // Not "::ffff:127.0.0.1".
    EXPECT_EQ(clients.all(), (std::vector<std::string>{"127.0.0.1", "::1"}));
  }
}

TYPED_TEST(Construction, one_ip_version_serves_only_that) {
  TypeParam server({"127.0.0.1", 0}, handler<Echo>());
  EXPECT_THROW(RawClient(Address("::1", server.server_address().port())), OSError);
}

}  // namespace
}  // namespace socketserver
