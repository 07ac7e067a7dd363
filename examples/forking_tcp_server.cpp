// threaded_tcp_server with processes in place of threads (E17). Every reply names the one that
// wrote it.
//
//   forking_tcp_server

#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>

#include <socketserver/socketserver.hpp>

namespace {

struct ForkingTCPRequestHandler : socketserver::BaseRequestHandler {
  void handle() override {
    const std::string data = request().recv(1024);
    request().sendall(std::to_string(::getpid()) + ": " + data);
  }
};

using ForkingTCPServer = socketserver::ForkingMixIn<socketserver::TCPServer>;

void client(ForkingTCPServer& server, std::string_view message) {
  auto socket = socketserver::Socket::connect(server.server_address());
  socket.sendall(message);
  server.handle_request();  // forks; the client has been waiting in the queue
  const std::string answer = socket.recv(1024);
  std::cout << "Received: " << answer << '\n';
}

}  // namespace

int main() {
  ForkingTCPServer server({"localhost", 0}, socketserver::handler<ForkingTCPRequestHandler>());
  std::cout << "Server loop running in process: " << ::getpid() << '\n';

  client(server, "Hello World 1");
  client(server, "Hello World 2");
  client(server, "Hello World 3");

  server.server_close();
  return ::waitpid(-1, nullptr, WNOHANG) < 0 ? 0 : 1;  // no child is left, not even a zombie
}
