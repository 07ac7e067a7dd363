// An echo server in a thread, and its client (E06).
//
//   socketserver_echo_simple

#include <iostream>
#include <string>
#include <string_view>
#include <thread>

#include <socketserver/socketserver.hpp>

namespace {

struct EchoRequestHandler : socketserver::BaseRequestHandler {
  void handle() override {
    // Whatever the client has sent by now goes back to it.
    request().sendall(request().recv(1024));
  }
};

}  // namespace

int main() {
  socketserver::TCPServer server({"localhost", 0}, socketserver::handler<EchoRequestHandler>());
  std::thread server_thread([&server] { server.serve_forever(); });

  constexpr std::string_view kMessage = "Hello, world";
  auto socket = socketserver::Socket::connect(server.server_address());
  std::cout << "Sending : \"" << kMessage << "\"\n";
  socket.sendall(kMessage);
  std::cout << "Received: \"" << socket.recv(1024) << "\"\n";
  socket.close();

  server.shutdown();
  server_thread.join();
}
