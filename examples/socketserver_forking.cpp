// A server that serves each request in a process of its own, which the reply names (E08).
//
//   socketserver_forking

#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>

#include <socketserver/socketserver.hpp>

namespace {

struct ForkingEchoRequestHandler : socketserver::BaseRequestHandler {
  void handle() override {
    const std::string data = request().recv(1024);
    request().sendall(std::to_string(::getpid()) + ": " + data);
  }
};

using ForkingEchoServer = socketserver::ForkingMixIn<socketserver::TCPServer>;

}  // namespace

int main() {
  ForkingEchoServer server({"localhost", 0}, socketserver::handler<ForkingEchoRequestHandler>());
  std::cout << "Server loop running in process: " << ::getpid() << '\n';

  constexpr std::string_view kMessage = "Hello, world";
  auto socket = socketserver::Socket::connect(server.server_address());
  std::cout << "Sending : \"" << kMessage << "\"\n";
  socket.sendall(kMessage);
  // The client waits in the queue: one thread can be both, and a program that forks has but one.
  server.handle_request();
  std::cout << "Received: \"" << socket.recv(1024) << "\"\n";
  socket.close();

  server.server_close();
  return ::waitpid(-1, nullptr, WNOHANG) < 0 ? 0 : 1;  // no child is left, not even a zombie
}
