// Scripts under every engine, and what becomes of them when the server stops.

#include <signal.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/server/fiber_mixin.hpp>
#include <socketserver/server/forking_mixin.hpp>
#include <socketserver/server/thread_pool_mixin.hpp>
#include <socketserver/testing/wait.hpp>

#include "answer.hpp"
#include "cgi_site.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::chrono_literals;

template <class Server>
class CGIEngines : public ::testing::Test {
 protected:
  ServerOptions options() {
    ServerOptions options;
    options.log = log.sink();
    options.fork_with_threads = true;
    return options;
  }

  static std::string get(std::string_view name) {
    return "GET /cgi-bin/" + std::string(name) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }

  std::string read(std::string_view name) const {
    std::ostringstream text;
    text << std::ifstream(site.path(name)).rdbuf();
    return text.str();
  }

  CGISite site;
  LogRecorder log;
};

using CGIServers = ::testing::Types<HTTPServer, ThreadingHTTPServer, ThreadPoolMixIn<HTTPServer>,
                                    ForkingMixIn<HTTPServer>, FiberMixIn<HTTPServer>>;
TYPED_TEST_SUITE(CGIEngines, CGIServers);

TYPED_TEST(CGIEngines, both_directions_at_once) {
  this->site.text_script("cgi-bin/cat.sh", "exec cat\n");
  TestServer<TypeParam> server(this->site.handler(), this->options());
  const std::string body(std::size_t{8} << 20, 'a');
  RawClient client(server.address());
  client.send("POST /cgi-bin/cat.sh HTTP/1.0\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n");
  client.send(body);
  EXPECT_TRUE(client.read_all().ends_with("\r\n\r\n" + body));
}

TYPED_TEST(CGIEngines, many_at_a_time) {
  if (std::is_same_v<TypeParam, HTTPServer>) GTEST_SKIP() << "one client at a time";
  // Each ends only when all have begun.
  constexpr int kClients = 4;
  this->site.directory("begun");
  this->site.mode("begun", 0777);
  this->site.text_script("cgi-bin/meet.sh",
                         "touch \"$DOCUMENT_ROOT/begun/$$\"\n"
                         "while test $(ls \"$DOCUMENT_ROOT/begun\" | wc -l) -lt 4; do\n"
                         "  sleep 0.01\ndone\necho met\n");
  ServerOptions options = this->options();
  options.limits.max_concurrent_requests = kClients;
  TestServer<TypeParam> server(this->site.handler(), options);
  std::vector<RawClient> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back(server.address());
    clients.back().send(this->get("meet.sh"));
  }
  for (RawClient& client : clients) EXPECT_EQ(read_answer(client).body, "met\n");
}

TYPED_TEST(CGIEngines, stopping_ends_scripts) {
  this->site.text_script("cgi-bin/hang.sh",
                         "echo $$ >\"$DOCUMENT_ROOT/pid\"\necho begun\nsleep 1000\n");
  ServerOptions options = this->options();
  options.limits.drain_grace = 200ms;
  TestServer<TypeParam> server(this->site.handler({.user = ""}), options);
  RawClient client(server.address());
  client.send(this->get("hang.sh"));
  client.read_until("begun");
  const pid_t pid = std::stoi(this->read("pid"));
  server.stop();
  wait_until("the script is gone", [&] { return ::kill(pid, 0) < 0; });
  EXPECT_NE(client.read_all(), "\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace socketserver::testing
