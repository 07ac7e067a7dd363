// Our client against our server, over TCP and Unix sockets, on every kind of engine.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/xmlrpc.hpp>
#include <string>
#include <vector>

#include "rpc.hpp"

namespace socketserver::xmlrpc {
namespace {

using testing::add;

/// A server of that class with some functions, for a test.
template <typename Server>
struct Running {
  explicit Running(const Address& address)
      : server(address, handler<SimpleXMLRPCRequestHandler>(), {},
               {.allow_none = true, .log_requests = false}) {
    server.register_introspection_functions(Introspection::full);
    server.register_multicall_functions();
    server.register_function(&add, "add", {.doc = "The sum."});
    server.register_function([](const Value& value) { return value; }, "echo");
    server.register_function([]() -> int { throw Fault(42, "as asked"); }, "fail");
    thread.emplace(server);
  }

  std::string url() {
    const std::string place = server.server_address().to_string();
    return server.server_address().family() == AddressFamily::unix_domain ? place
                                                                          : "http://" + place;
  }

  Server server;
  std::optional<testing::ServerThread> thread;
};

template <typename Server>
class ClientServer : public ::testing::Test {};

using Servers = ::testing::Types<SimpleXMLRPCServer, ThreadingXMLRPCServer, ThreadPoolXMLRPCServer,
                                 FiberXMLRPCServer, ThreadingDocXMLRPCServer>;
TYPED_TEST_SUITE(ClientServer, Servers);

void check(ServerProxy& proxy) {
  EXPECT_EQ(proxy.call<int>("add", 2, 3), 5);
  const Value everything = Struct{{"int", -5},
                                  {"double", 1.5},
                                  {"text", "\u00e4 <&>\r\n]]>"},
                                  {"flag", true},
                                  {"nothing", nullptr},
                                  {"bytes", Binary{std::string("\0\xff", 2)}},
                                  {"when", DateTime("20050210T11:41:23")},
                                  {"list", Array{1, Array{"x"}, Struct{}}}};
  EXPECT_EQ(proxy("echo", everything), everything);
  EXPECT_THAT(proxy.system.listMethods(), ::testing::IsSupersetOf({"add", "echo", "fail"}));
  EXPECT_EQ(proxy.system.methodHelp("add"), "The sum.");
  EXPECT_EQ(proxy.system.methodSignature("add"), Value(Array{Value(Array{"int", "int", "int"})}));

  EXPECT_THROW(proxy("missing"), Fault);
  try {
    proxy("fail");
    ADD_FAILURE();
  } catch (const Fault& error) {
    EXPECT_EQ(error.code(), 42);
    EXPECT_EQ(error.text(), "as asked");
  }

  MultiCall calls(proxy);
  calls("add", 2, 3);
  calls("fail");
  calls("echo", "x");
  const MultiCallIterator results = calls();
  EXPECT_EQ(results[0], Value(5));
  EXPECT_THROW(static_cast<void>(results[1]), Fault);
  EXPECT_EQ(results[2], Value("x"));
}

TYPED_TEST(ClientServer, calls_return_what_they_should) {
  Running<TypeParam> running(Address("127.0.0.1", 0));
  ServerProxy proxy(running.url(), {.allow_none = true});
  check(proxy);
  check(proxy);
}

TYPED_TEST(ClientServer, compressed_both_ways) {
  Running<TypeParam> running(Address("127.0.0.1", 0));
  ServerProxy proxy(running.url(), {.allow_none = true, .encode_threshold = 0});
  check(proxy);
  const std::string large(1'000'000, 'x');
  EXPECT_EQ(proxy.call<std::string>("echo", large), large);
}

TEST(ClientServerUnix, calls_return_what_they_should) {
  Running<UnixStreamXMLRPCServer> running(Address::unix_path(""));
  ServerProxy proxy(running.url(), {.allow_none = true});
  check(proxy);
}

TEST(ClientServerErrors, XR_147_another_path) {
  Running<ThreadingXMLRPCServer> running(Address("127.0.0.1", 0));
  ServerProxy proxy(running.url() + "/other");
  try {
    proxy("add", 1, 2);
    FAIL();
  } catch (const ProtocolError& error) {
    EXPECT_EQ(error.errcode(), 404);
  }
}

TEST(ClientServerErrors, XR_122_a_request_that_is_too_large_is_answered) {
  Running<ThreadingXMLRPCServer> running(Address("127.0.0.1", 0));
  ServerProxy proxy(running.url());
  try {
    proxy("echo", std::string(20'000'000, 'x'));
    FAIL();
  } catch (const ProtocolError& error) {
    EXPECT_EQ(error.errcode(), 413);
  }
  EXPECT_EQ(proxy("add", 1, 2), Value(3));
}

TEST(ClientServerErrors, XR_148_a_server_that_was_started_again) {
  std::optional<Running<ThreadingXMLRPCServer>> running(std::in_place, Address("127.0.0.1", 0));
  const Address address = running->server.server_address();
  ServerProxy proxy(running->url());
  EXPECT_EQ(proxy("add", 1, 2), Value(3));
  running.reset();
  running.emplace(address);
  EXPECT_EQ(proxy("add", 2, 2), Value(4));
}

}  // namespace
}  // namespace socketserver::xmlrpc
