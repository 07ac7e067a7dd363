// FastCGI applications under every engine, and what becomes of requests when the server stops.

#include <chrono>
#include <cstddef>
#include <latch>
#include <string>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/server/fiber_mixin.hpp>
#include <socketserver/server/forking_mixin.hpp>
#include <socketserver/server/thread_pool_mixin.hpp>

#include "answer.hpp"
#include "cgi_site.hpp"
#include "fastcgi_app.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kQuestion = "GET /app HTTP/1.1\r\nHost: x\r\n\r\n";

template <class Server>
class FastCGIEngines : public ::testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "ThreadSanitizer does not support processes forked beside threads";
#endif
  }

  ServerOptions options() {
    ServerOptions options;
    options.log = log.sink();
    options.fork_with_threads = true;
    return options;
  }

  StreamHandler handler(const Address& application) const {
    CGIHTTPOptions options;
    options.fastcgi_applications = {{"/app", application}};
    return site.handler(options);
  }

  CGISite site;
  LogRecorder log;
};

using FastCGIServers =
    ::testing::Types<HTTPServer, ThreadingHTTPServer, ThreadPoolMixIn<HTTPServer>,
                     ForkingMixIn<HTTPServer>, FiberMixIn<HTTPServer>>;
TYPED_TEST_SUITE(FastCGIEngines, FastCGIServers);

TYPED_TEST(FastCGIEngines, both_directions) {
  const FastCGIApp echo([](const FastCGIQuestion& question) {
    return fastcgi_output("Content-Type: a/b\n\n") + fastcgi_output(question.body) + fastcgi_end();
  });
  TestServer<TypeParam> server(this->handler(echo.address()), this->options());
  const std::string body(std::size_t{8} << 20, 'a');
  RawClient client(server.address());
  client.send("POST /app HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  client.send(body);
  EXPECT_TRUE(client.read_all().ends_with("\r\n\r\n" + body));
}

TYPED_TEST(FastCGIEngines, many_at_a_time) {
  if (std::is_same_v<TypeParam, HTTPServer>) GTEST_SKIP() << "one client at a time";
  // Each is answered only when all have asked: nobody holds up the thread of another.
  constexpr int kClients = 4;
  std::latch all(kClients);
  const FastCGIApp app([&all](const FastCGIQuestion&) {
    all.arrive_and_wait();
    return fastcgi_text("met");
  });
  ServerOptions options = this->options();
  options.limits.max_concurrent_requests = kClients;
  TestServer<TypeParam> server(this->handler(app.address()), options);
  std::vector<RawClient> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back(server.address());
    clients.back().send(kQuestion);
  }
  for (RawClient& client : clients) EXPECT_EQ(read_answer(client).body, "met");
}

TYPED_TEST(FastCGIEngines, an_application_that_does_not_accept_holds_up_its_client_alone) {
  if (std::is_same_v<TypeParam, HTTPServer>) GTEST_SKIP() << "one client at a time";
  this->site.file("hello.txt", "hello");
  Socket full = Socket::open(AddressFamily::inet, SocketType::stream);
  full.bind({"127.0.0.1", 0});
  full.listen(0);
  const Socket in_queue = Socket::connect(full.getsockname());
  ServerOptions options = this->options();
  options.limits.max_concurrent_requests = 2;
  options.limits.drain_grace = 50ms;
  TestServer<TypeParam> server(this->handler(full.getsockname()), options);
  RawClient waiting(server.address());
  waiting.send(kQuestion);
  RawClient other(server.address());
  other.send("GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(other).body, "hello");
  server.stop();
}

TYPED_TEST(FastCGIEngines, stopping_ends_requests) {
  std::latch over(1);
  const FastCGIApp app(FastCGIApp::Serve([&over](Socket& connection) {
    FastCGIApp::receive(connection);
    connection.sendall(fastcgi_output("Content-Type: text/plain\n\nbegun"));
    EXPECT_EQ(connection.recv(1), "");
    over.count_down();
  }));
  ServerOptions options = this->options();
  options.limits.drain_grace = 200ms;
  TestServer<TypeParam> server(this->handler(app.address()), options);
  RawClient client(server.address());
  client.send(kQuestion);
  client.read_until("begun");
  server.stop();
  over.wait();
  EXPECT_NE(client.read_all(), "\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace socketserver::testing
