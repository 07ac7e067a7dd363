// A server that runs in a thread beside its clients, and gives each of them a thread (E16).
// Every reply names the thread that wrote it.
//
//   threaded_tcp_server

#include <iostream>
#include <string>
#include <string_view>
#include <thread>

#include <socketserver/socketserver.hpp>

namespace {

using socketserver::current_thread_name;

struct ThreadedTCPRequestHandler : socketserver::BaseRequestHandler {
  void handle() override {
    const std::string data = request().recv(1024);
    request().sendall(current_thread_name() + ": " + data);
  }
};

using ThreadedTCPServer = socketserver::ThreadingMixIn<socketserver::TCPServer>;

void client(const socketserver::Address& server, std::string_view message) {
  auto socket = socketserver::Socket::connect(server);
  socket.sendall(message);
  const std::string answer = socket.recv(1024);
  std::cout << "Received: " << answer << '\n';
}

}  // namespace

int main() {
  // Port 0: any that is free.
  ThreadedTCPServer server({"localhost", 0}, socketserver::handler<ThreadedTCPRequestHandler>());
  std::thread server_thread([&server] {
    std::cout << "Server loop running in thread: " << current_thread_name() << '\n';
    server.serve_forever();
  });

  client(server.server_address(), "Hello World 1");
  client(server.server_address(), "Hello World 2");
  client(server.server_address(), "Hello World 3");

  server.shutdown();
  server_thread.join();
  server.server_close();
}
