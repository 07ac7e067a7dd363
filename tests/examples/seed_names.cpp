// The names of the Python modules, each used under exactly its Python spelling: that this compiles
// is the test, and one request through all of it shows that the hooks are the ones that run.

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

#include <socketserver/http_server.hpp>
#include <socketserver/socketserver.hpp>
#include <socketserver/testing/datagram_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/xmlrpc.hpp>
#include <socketserver/xmlrpc/server_proxy.hpp>

using namespace socketserver;

namespace {

struct SeedHandler : BaseRequestHandler {
  void setup() override { data = request().recv(1024); }
  void handle() override { request().sendall(client_address().host() + ' ' + data); }
  void finish() override { server().shutdown(); }

  std::string data;
};

struct SeedStreamHandler : StreamRequestHandler {
  void handle() override { wfile().write(rfile().readline().value_or("")); }
};

struct SeedDatagramHandler : DatagramRequestHandler {
  void handle() override { wfile().write(rfile().read(1024)); }
};

struct SeedInstance : xmlrpc::Instance {
  std::optional<xmlrpc::Value> _dispatch(std::string_view method,
                                         const xmlrpc::Array& params) override {
    return xmlrpc::Array{method, params};
  }
};

/// Overrides every hook and keeps their order.
class SeedServer : public ThreadingTCPServer {
 public:
  using ThreadingTCPServer::ThreadingTCPServer;

  std::string hooks;

 protected:
  void server_bind() override {
    hooks += "server_bind ";
    ThreadingTCPServer::server_bind();
  }
  void server_activate() override {
    hooks += "server_activate ";
    ThreadingTCPServer::server_activate();
  }
  std::pair<Request, Address> get_request() override {
    hooks += "get_request ";
    return ThreadingTCPServer::get_request();
  }
  bool verify_request(Request& request, const Address& client_address) override {
    hooks += "verify_request ";
    return ThreadingTCPServer::verify_request(request, client_address);
  }
  void process_request(Request& request, const Address& client_address) override {
    hooks += "process_request ";
    ThreadingTCPServer::process_request(request, client_address);
  }
  void finish_request(Request& request, const Address& client_address) override {
    ThreadingTCPServer::finish_request(request, client_address);
  }
  void shutdown_request(Request& request) override {
    ThreadingTCPServer::shutdown_request(request);
  }
  void close_request(Request& request) override { ThreadingTCPServer::close_request(request); }
  void handle_error(Request& request, const Address& client_address) override {
    ThreadingTCPServer::handle_error(request, client_address);
  }
  void handle_timeout() override { hooks += "handle_timeout "; }
  void service_actions() override { ThreadingTCPServer::service_actions(); }
};

struct SeedHTTPHandler : BaseHTTPRequestHandler {
  std::string_view server_version() const override { return "Seed/1.0"; }
  void handle() override { BaseHTTPRequestHandler::handle(); }
  void do_GET() override {
    if (command() != "GET" || path() != "/") return send_error(404, "File not found");
    send_response(200);
    send_header("Content-type", "text/html");
    end_headers();
    wfile().write("hello");
  }
  void do_HEAD() override { do_GET(); }
  void do_POST() override { wfile().write(rfile().read(3)); }
};

static_assert(std::is_same_v<ThreadingMixIn<TCPServer>, ThreadingTCPServer>);
static_assert(std::is_same_v<ThreadingMixIn<UDPServer>, ThreadingUDPServer>);
static_assert(std::is_same_v<ForkingMixIn<TCPServer>, ForkingTCPServer>);
static_assert(std::is_same_v<ForkingMixIn<UDPServer>, ForkingUDPServer>);
static_assert(std::is_same_v<ForkingMixIn<UnixStreamServer>, ForkingUnixStreamServer>);
static_assert(std::is_same_v<ForkingMixIn<UnixDatagramServer>, ForkingUnixDatagramServer>);
static_assert(std::is_base_of_v<BaseServer, TCPServer>);
static_assert(std::is_base_of_v<TCPServer, HTTPServer>);
static_assert(std::is_base_of_v<HTTPServer, ThreadingHTTPServer>);

std::string ask(const Address& server, std::string_view question) {
  auto socket = Socket::connect(server);
  socket.sendall(question);
  return Reader(socket).read_all(4096);
}

TEST(SeedNames, socketserver) {
  const auto server = make_server<SeedServer>({"localhost", 0}, handler<SeedHandler>(),
                                              {.allow_reuse_address = true,
                                               .request_queue_size = 7,
                                               .timeout = Duration::zero(),
                                               .daemon_threads = false});
  EXPECT_GE(server->fileno(), 0);
  EXPECT_TRUE(server->allow_reuse_address());
  EXPECT_EQ(server->request_queue_size(), 7);
  EXPECT_EQ(server->socket_type(), SocketType::stream);
  EXPECT_EQ(server->timeout(), Duration::zero());
  EXPECT_EQ(server->address_family(), AddressFamily::inet);
  EXPECT_EQ(server->socket().getsockname(), server->server_address());
  EXPECT_FALSE(server->daemon_threads());
  static_cast<void>(server->RequestHandlerClass());
  const auto [ip, port] = server->server_address();
  EXPECT_EQ(ip, "127.0.0.1");

  server->handle_request();
  std::string answer;
  {
    std::jthread client([&] { answer = ask(server->server_address(), "hello"); });
    server->serve_forever();
  }
  server->server_close();
  EXPECT_EQ(answer, "127.0.0.1 hello");
  EXPECT_EQ(server->hooks,
            "server_bind server_activate handle_timeout get_request verify_request "
            "process_request ");
}

TEST(SeedNames, stream_request_handler) {
  TCPServer server({"localhost", 0}, handler<SeedStreamHandler>());
  std::string answer;
  {
    std::jthread client([&] { answer = ask(server.server_address(), "hello\nworld\n"); });
    server.handle_request();
  }
  EXPECT_EQ(answer, "hello\n");
}

TEST(SeedNames, forking_mix_in) {
  ForkingMixIn<TCPServer> server({"localhost", 0}, handler<SeedStreamHandler>(),
                                 {.fork_with_threads = true});
  std::string answer;
  {
    std::jthread client([&] { answer = ask(server.server_address(), "hello\n"); });
    server.handle_request();
  }
  server.server_close();
  EXPECT_EQ(answer, "hello\n");
}

template <class Server>
struct SeedDatagrams : ::testing::Test {};
using DatagramServers = ::testing::Types<UDPServer, UnixDatagramServer>;
TYPED_TEST_SUITE(SeedDatagrams, DatagramServers);

TYPED_TEST(SeedDatagrams, datagram_request_handler) {
  TypeParam server(socketserver::testing::any_address<TypeParam>(), handler<SeedDatagramHandler>());
  EXPECT_EQ(server.socket_type(), SocketType::datagram);
  socketserver::testing::DatagramClient client(server.server_address());
  client.send("hello");
  server.handle_request();
  EXPECT_EQ(client.receive(), "hello");
}

TEST(SeedNames, unix_stream_server) {
  UnixStreamServer server(socketserver::testing::any_address<UnixStreamServer>(),
                          handler<SeedStreamHandler>());
  EXPECT_EQ(server.address_family(), AddressFamily::unix_domain);
  std::string answer;
  {
    std::jthread client([&] { answer = ask(server.server_address(), "hello\n"); });
    server.handle_request();
  }
  EXPECT_EQ(answer, "hello\n");
}

TEST(SeedNames, http_server) {
  HTTPServer server({"localhost", 0}, handler<SeedHTTPHandler>());
  std::string answer;
  {
    std::jthread client([&] {
      answer =
          ask(server.server_address(), "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    });
    server.handle_request();
  }
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\nServer: Seed/1.0 ")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello")) << answer;
}

TEST(SeedNames, simple_http_request_handler) {
  const ThreadingHTTPServer server({"localhost", 0}, handler<SimpleHTTPRequestHandler>());
  EXPECT_GT(server.server_port(), 0);
}

TEST(SeedNames, cgi_http_request_handler) {
  const ThreadingHTTPServer server({"localhost", 0}, handler<CGIHTTPRequestHandler>());
  EXPECT_GT(server.server_port(), 0);
}

TEST(SeedNames, simple_xml_rpc_server_and_server_proxy) {
  SimpleXMLRPCServer server({"localhost", 0});
  server.register_function([](int a, int b) { return a + b; }, "add");
  server.register_instance(std::make_shared<SeedInstance>());
  const socketserver::testing::ServerThread running(server);
  xmlrpc::ServerProxy proxy("http://localhost:" + std::to_string(server.server_address().port()));
  EXPECT_EQ(proxy["add"](2, 3), xmlrpc::Value(5));
  EXPECT_EQ(proxy["whatever.method"]("any", "args"),
            xmlrpc::Value(xmlrpc::Array{"whatever.method", xmlrpc::Array{"any", "args"}}));
}

}  // namespace
