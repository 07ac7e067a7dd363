// One handler class under every stock server, by the name that users write.

#include <gtest/gtest.h>

#include <concepts>

#include <socketserver/socketserver.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

namespace socketserver {
namespace {

struct LineEcho : StreamRequestHandler {
  void handle() override {
    while (auto line = rfile().readline()) wfile().write(*line);
  }
};

template <class Server>
class StockServer : public ::testing::Test {};

using StockServers = ::testing::Types<
    TCPServer, UDPServer, UnixStreamServer, UnixDatagramServer,  //
    ThreadingTCPServer, ThreadingUDPServer, ThreadingUnixStreamServer, ThreadingUnixDatagramServer,
    ThreadPoolTCPServer, ThreadPoolUDPServer, ThreadPoolUnixStreamServer,
    ThreadPoolUnixDatagramServer,  //
    ForkingTCPServer, ForkingUDPServer, ForkingUnixStreamServer, ForkingUnixDatagramServer,
    FiberTCPServer, FiberUDPServer, FiberUnixStreamServer, FiberUnixDatagramServer,
    PreforkMixIn<TCPServer>, PreforkMixIn<UDPServer>, PreforkMixIn<UnixStreamServer>,
    PreforkMixIn<UnixDatagramServer>>;
TYPED_TEST_SUITE(StockServer, StockServers);

TYPED_TEST(StockServer, takes_the_same_handler) {
  // One thread is both sides: no engine minds that, and a process that forks should have but one.
  // A sanitizer may have one more.
  TypeParam server(testing::any_address<TypeParam>(), handler<LineEcho>(),
                   {.fork_with_threads = true});
  if constexpr (std::same_as<typename TypeParam::Handler, DatagramHandler>) {
    testing::DatagramClient client(server.server_address());
    client.send("one\ntwo");
    server.handle_request();
    EXPECT_EQ(client.receive(), "one\ntwo");
  } else {
    testing::RawClient client(server.server_address());
    client.send("one\ntwo");
    client.half_close();
    server.handle_request();
    EXPECT_EQ(client.read_all(), "one\ntwo");
  }
}

}  // namespace
}  // namespace socketserver
