// Sends its arguments as one packet to udp_server and prints both sides of the talk (E15).
// There is no connection: the packet names its receiver, and the answer its sender.
//
//   udp_client [--port PORT] WORD...

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  const int port = std::stoi(arguments.option("--port").value_or("9999"));
  std::string data;
  for (const std::string& word : arguments.words()) data += (data.empty() ? "" : " ") + word;

  const socketserver::Address server("localhost", port);
  auto socket = socketserver::Socket::open(server.family(), socketserver::SocketType::datagram);
  socket.sendto(data + '\n', server);
  const auto [received, sender] = socket.recvfrom(1024);

  std::cout << "Sent:     " << data << "\nReceived: " << received << '\n';
}
