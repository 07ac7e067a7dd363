#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>

#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::StartsWith;

constexpr std::string_view kGetAndClose = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

StreamHandler greeting() {
  return [](BaseHTTPRequestHandler& self) { send_text(self, "hi"); };
}

std::string greeting_from(const Address& address) {
  RawClient client(address);
  client.send(kGetAndClose);
  return read_answer(client).body;
}

TEST(HTTPServerTest, HT_195_port_and_name) {
  HTTPServer server({"127.0.0.1", 0}, greeting(), quiet());
  EXPECT_NE(server.server_port(), 0);
  EXPECT_EQ(server.server_port(), server.server_address().port());
  EXPECT_FALSE(server.server_name().empty());
}

TEST(HTTPServerTest, one_client_after_the_other) {
  HTTPServer server({"127.0.0.1", 0}, greeting(), quiet());
  const ServerThread running(server);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(greeting_from(server.server_address()), "hi");
}

TEST(HTTPServerTest, HT_196_idle_client_holds_the_others_up) {
  HTTPServer server({"127.0.0.1", 0}, greeting(), quiet());
  const ServerThread running(server);
  RawClient idle(server.server_address());
  RawClient waiting(server.server_address());
  waiting.send(kGetAndClose);
  idle.send(kGetAndClose);
  // Whoever came first is served first, and the other one once it has left.
  EXPECT_EQ(read_answer(idle).body, "hi");
  EXPECT_EQ(read_answer(waiting).body, "hi");
}

TEST(HTTPServerTest, HT_196_threads_do_not_wait_for_idle_clients) {
  const WebServer server(greeting());
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 20; ++i) idle.push_back(std::make_unique<RawClient>(server.address()));
  EXPECT_EQ(greeting_from(server.address()), "hi");
}

TEST(HTTPServerTest, HT_197_port_can_be_had_again_at_once) {
  HTTPServer first({"127.0.0.1", 0}, greeting(), quiet());
  const Address address = first.server_address();
  {
    const ServerThread running(first);
    // The server closes first, so the connection lingers on its side.
    EXPECT_EQ(greeting_from(address), "hi");
  }
  first.server_close();
  HTTPServer second(address, greeting(), quiet());
  const ServerThread running(second);
  EXPECT_EQ(greeting_from(address), "hi");
}

TEST(HTTPServerTest, HT_198_port_of_a_running_server_is_taken) {
  const HTTPServer first({"127.0.0.1", 0}, greeting(), quiet());
  try {
    const HTTPServer second(first.server_address(), greeting(), quiet());
    FAIL() << "nothing was thrown";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::address_in_use);
  }
}

TEST(HTTPServerTest, options_may_say_otherwise) {
  EXPECT_TRUE(HTTPServer({"127.0.0.1", 0}, greeting(), quiet()).allow_reuse_address());
  ServerOptions options = quiet();
  options.allow_reuse_address = false;
  EXPECT_FALSE(HTTPServer({"127.0.0.1", 0}, greeting(), options).allow_reuse_address());
}

TEST(HTTPServerTest, threads_are_daemons_unless_told) {
  EXPECT_TRUE(ThreadingHTTPServer({"127.0.0.1", 0}, greeting(), quiet()).daemon_threads());
  ServerOptions options = quiet();
  options.daemon_threads = false;
  EXPECT_FALSE(ThreadingHTTPServer({"127.0.0.1", 0}, greeting(), options).daemon_threads());
}

TEST(HTTPServerTest, handle_request_serves_one) {
  HTTPServer server({"127.0.0.1", 0}, greeting(), quiet());
  RawClient client(server.server_address());
  client.send(kGetAndClose);
  server.handle_request();
  EXPECT_EQ(read_answer(client).body, "hi");
}

TEST(HTTPServerTest, HT_210_book_server) {
  struct TrivialHandler : BaseHTTPRequestHandler {
    std::string_view server_version() const override { return "TrivialHTTP/1.0"; }
    void do_GET() override { send_error(404, "File not found"); }
    void do_HEAD() override { do_GET(); }
    void do_POST() override { do_GET(); }
  };
  const WebServer server(handler<TrivialHandler>());
  for (const std::string_view method : {"GET", "HEAD", "POST"}) {
    std::string wire = server.ask(std::string(method) + " / HTTP/1.1\r\nHost: x\r\n\r\n");
    const Answer answer = take_answer(wire, method);
    EXPECT_EQ(answer.status_line, "HTTP/1.1 404 File not found");
    EXPECT_THAT(std::string(answer.headers["Server"]), StartsWith("TrivialHTTP/1.0"));
    EXPECT_EQ(wire, "");
  }
}

TEST(HTTPServerTest, HT_211_course_server) {
  struct Course : BaseHTTPRequestHandler {
    std::string_view protocol_version() const override { return "HTTP/1.0"; }
    void do_GET() override {
      if (path() != "/") {
        wfile() << path() << " not found\n";
        return;
      }
      send_response(200);
      send_header("Content-type", "text/html");
      end_headers();
      wfile() << "<html><body>hello</body></html>";
    }
  };
  WebServer server(handler<Course>());
  std::string wire = server.ask("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer page = take_answer(wire);
  EXPECT_EQ(page.status_line, "HTTP/1.0 200 OK");
  EXPECT_EQ(page.headers["Content-Type"], "text/html");
  EXPECT_EQ(page.body, "<html><body>hello</body></html>");
  const auto logged = server.log().messages().size();

  EXPECT_EQ(server.ask("GET /test HTTP/1.1\r\nHost: x\r\n\r\n"), "/test not found\n");
  EXPECT_EQ(server.log().messages().size(), logged);
}

}  // namespace
}  // namespace socketserver::testing
