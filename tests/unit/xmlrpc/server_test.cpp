#include <socketserver/xmlrpc/server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

#include <socketserver/testing/wait.hpp>

#include "rpc_server.hpp"

namespace socketserver::testing {
namespace {

using xmlrpc::Array;
using xmlrpc::Value;

TEST(XMLRPCServer, takes_options_of_its_own_and_of_the_server) {
  SimpleXMLRPCServer server({"127.0.0.1", 0}, XMLRPCOptions{.allow_none = true},
                            {.request_queue_size = 7});
  EXPECT_TRUE(server.xmlrpc_options().allow_none);
  EXPECT_EQ(server.request_queue_size(), 7);
  EXPECT_TRUE(server.allow_reuse_address());
  EXPECT_THROW(SimpleXMLRPCServer({"127.0.0.1", 0}, XMLRPCOptions{.encoding = "klingon"}),
               std::invalid_argument);
}

TEST(XMLRPCServer, on_Unix_sockets_too) {
  const ThreadingUnixStreamXMLRPCServer server(
      Address::unix_path(""), XMLRPCOptions{.allow_none = true}, {.request_queue_size = 7});
  EXPECT_TRUE(server.xmlrpc_options().allow_none);
  EXPECT_EQ(server.request_queue_size(), 7);
}

TEST(XMLRPCServer, the_limits_of_the_server_are_those_of_messages) {
  ServerOptions options;
  options.limits.xmlrpc_bytes = 100;
  options.limits.xmlrpc_depth = 7;
  options.limits.multicall_calls = 9;
  const SimpleXMLRPCServer server({"127.0.0.1", 0}, XMLRPCOptions{}, options);
  EXPECT_EQ(server.load_limits().bytes, 100);
  EXPECT_EQ(server.load_limits().depth, 7);
  EXPECT_EQ(server.max_calls(), 9);
}

template <class Server>
class EveryXMLRPCServer : public ::testing::Test {};

using Servers = ::testing::Types<SimpleXMLRPCServer, ThreadingXMLRPCServer, ThreadPoolXMLRPCServer,
                                 FiberXMLRPCServer, DocXMLRPCServer, ThreadingDocXMLRPCServer,
                                 ThreadPoolDocXMLRPCServer, FiberDocXMLRPCServer,
                                 UnixStreamXMLRPCServer, ThreadingUnixStreamXMLRPCServer>;
TYPED_TEST_SUITE(EveryXMLRPCServer, Servers);

TYPED_TEST(EveryXMLRPCServer, calls_and_goes_on_after_errors) {
  RPCServer<TypeParam> server;
  server->template register_function<&add>();
  server->register_function([]() -> int { throw std::runtime_error("boom"); }, "boom");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(server.call("add", {i, 1}), Value(i + 1));
    EXPECT_THROW(server.call("boom"), xmlrpc::Fault);
  }
}

TEST(XMLRPCServer, forking_servers_call_in_a_child) {
  // Forks beside the threads of this program, which hold no lock that the child needs.
  auto server =
      make_server<ForkingXMLRPCServer>({"127.0.0.1", 0}, handler<SimpleXMLRPCRequestHandler>(),
                                       {.fork_with_threads = true, .log = {}});
  server->register_function([] { return getpid(); }, "pid");
  const ServerThread running(*server);
  RawClient client(server->server_address());
  client.send(RPCServer<SimpleXMLRPCServer>::post_text(call_text("pid")));
  EXPECT_NE(value_of(read_answer(client).body).as<int>(), getpid());
}

TEST(XMLRPCServer, XR_138_a_slow_call_keeps_nobody_waiting_where_there_are_threads) {
  RPCServer<ThreadingXMLRPCServer> server;
  Event go_on("the other call");
  server->register_function(
      [&go_on] {
        go_on.wait();
        return 1;
      },
      "slow");
  server->register_function<&add>();
  RawClient waiting = server.connect();
  waiting.send(server.post_text(call_text("slow")));
  EXPECT_EQ(server.call("add", {1, 2}), Value(3));
  go_on.set();
  EXPECT_EQ(value_of(read_answer(waiting).body), Value(1));
}

TEST(XMLRPCServer, functions_are_registered_while_others_are_called) {
  RPCServer<ThreadingXMLRPCServer> server;
  server->register_function<&add>();
  for (int i = 0; i < 20; ++i) {
    RawClient client = server.connect();
    client.send(server.post_text(call_text("add", {i, i})));
    server->register_function([i] { return i; }, "f" + std::to_string(i));
    EXPECT_EQ(value_of(read_answer(client).body), Value(2 * i));
  }
}

StreamHandler all_paths() {
  return handler<SimpleXMLRPCRequestHandler>({.rpc_paths = {}});
}

TEST(MultiPathXMLRPCServer, XR_139_every_path_has_its_dispatcher) {
  RPCServer<MultiPathXMLRPCServer> server(all_paths());
  for (const std::string path : {"/a", "/b"}) {
    const auto dispatcher =
        server->add_dispatcher(path, std::make_shared<SimpleXMLRPCDispatcher>());
    dispatcher->register_function([path] { return path; }, "where");
    EXPECT_EQ(server->get_dispatcher(path), dispatcher);
  }
  const std::string where = call_text("where");
  EXPECT_EQ(value_of(server.post(where, "", "/a").body), Value("/a"));
  EXPECT_EQ(value_of(server.post(where, "", "/b").body), Value("/b"));
  const Answer answer = server.post(where, "", "/c");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(fault_of_text(answer.body).text(), "<class 'KeyError'>:'/c'");
  EXPECT_THROW((void)server->get_dispatcher("/c"), std::out_of_range);
}

TEST(MultiPathXMLRPCServer, XR_139_json_rpc_too) {
  RPCServer<ThreadingMultiPathXMLRPCServer> server(all_paths());
  server->add_dispatcher("/a", std::make_shared<SimpleXMLRPCDispatcher>())
      ->register_function([] { return "a"; }, "where");
  const auto ask = [&](std::string_view path) {
    return server
        .post(R"({"jsonrpc":"2.0","method":"where","id":1})", "Content-Type: application/json\r\n",
              path)
        .body;
  };
  EXPECT_EQ(ask("/a"), R"({"jsonrpc":"2.0","result":"a","id":1})");
  EXPECT_THAT(ask("/c"), ::testing::HasSubstr(R"("error")"));
}

TEST(MultiPathXMLRPCServer, XR_140_functions_that_throw) {
  RPCServer<MultiPathXMLRPCServer> server(all_paths());
  server->add_dispatcher("/a", std::make_shared<SimpleXMLRPCDispatcher>())
      ->register_function([]() -> int { throw std::runtime_error("boom"); }, "boom");
  EXPECT_EQ(fault_of_text(server.post(call_text("boom"), "", "/a").body).text(),
            "<class 'std::runtime_error'>:boom");
}

struct BrokenDispatcher : SimpleXMLRPCDispatcher {
  std::string _marshaled_dispatch(const xmlrpc::Pieces&, const xmlrpc::DispatchMethod&,
                                  std::string_view) override {
    throw std::runtime_error("broken");
  }
};

TEST(MultiPathXMLRPCServer, XR_140_a_dispatcher_that_throws) {
  RPCServer<MultiPathXMLRPCServer> server(all_paths());
  server->add_dispatcher("/a", std::make_shared<BrokenDispatcher>());
  EXPECT_EQ(fault_of_text(server.post(call_text("x"), "", "/a").body).text(),
            "<class 'std::runtime_error'>:broken");
}

TEST(MultiPathXMLRPCServer, XR_141_paths_are_compared_as_they_are_sent) {
  RPCServer<MultiPathXMLRPCServer> server(all_paths());
  server->add_dispatcher("/foo?k=v", std::make_shared<SimpleXMLRPCDispatcher>())
      ->register_function([] { return 1; }, "one");
  EXPECT_EQ(value_of(server.post(call_text("one"), "", "/foo?k=v").body), Value(1));
  EXPECT_NE(fault_of_text(server.post(call_text("one"), "", "/foo").body).code(), 0);
}

TEST(MultiPathXMLRPCServer, null_is_refused) {
  MultiPathXMLRPCServer server({"127.0.0.1", 0});
  EXPECT_THROW(server.add_dispatcher("/a", nullptr), std::invalid_argument);
}

TEST(XMLRPCServer, a_handler_for_a_server_without_functions_is_misuse) {
  WebServer server(handler<SimpleXMLRPCRequestHandler>());
  EXPECT_EQ(server.ask("POST /RPC2 HTTP/1.0\r\nContent-Length: 0\r\n\r\n"), "");
  server.log().wait_for("no SimpleXMLRPCDispatcher", LogLevel::error);
}

}  // namespace
}  // namespace socketserver::testing
