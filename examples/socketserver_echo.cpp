// Logs in which order a server and its handler are called while they serve a client (E05).
//
//   socketserver_echo

#include <csignal>
#include <string>
#include <string_view>
#include <thread>

#include <socketserver/socketserver.hpp>

#include "logged_echo_server.hpp"

namespace {

using example::note;

void client(const socketserver::Address& server) {
  note("client: Server on " + server.to_string());
  note("client: creating socket");
  note("client: connecting to server");
  auto socket = socketserver::Socket::connect(server);

  constexpr std::string_view kMessage = "Hello, world";
  note("client: sending data: \"" + std::string(kMessage) + '"');
  socket.sendall(kMessage);
  note("client: waiting for response");
  const std::string response = socket.recv(kMessage.size());
  note("client: response from server: \"" + response + '"');

  note("client: closing socket");
  socket.close();
  note("client: done");
  std::raise(SIGINT);  // as Ctrl-C does
}

}  // namespace

int main() {
  // The server is of a class that overrides what its constructor calls: make_server knows how.
  const auto server = socketserver::make_server<example::EchoServer>(
      {"localhost", 0}, socketserver::handler<example::EchoRequestHandler>());
  const socketserver::StopOnSignals stop(*server);
  std::thread client_thread(client, server->server_address());
  try {
    server->serve_forever();
  } catch (const socketserver::KeyboardInterrupt&) {
    client_thread.join();
  }
}
