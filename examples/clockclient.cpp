// Asks clockserver for the time (E22).
//
//   clockclient [PORT=12091] [--udp | --unix PATH | --unix-dgram PATH]

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "clock.hpp"
#include "example_support.hpp"

namespace {

using namespace socketserver;

std::string ask_by_stream(const Address& server) {
  auto socket = Socket::connect(server);
  std::cout << "client is connected\n";
  socket.sendall(example::clock_question());
  return socket.recv(example::kQuestionSize);
}

std::string ask_by_packet(const Address& server) {
  auto socket = Socket::open(server.family(), SocketType::datagram);
  // The answer needs an address to go to. UDP gives one by itself; here the system chooses a name.
  if (server.family() == AddressFamily::unix_domain) socket.bind(Address::unix_path(""));
  std::cout << "client is connected\n";
  socket.sendto(example::clock_question(), server);
  return socket.recvfrom(example::kQuestionSize).first;
}

std::string ask(example::Arguments& arguments) {
  if (const auto path = arguments.option("--unix")) {
    return ask_by_stream(Address::unix_path(*path));
  }
  if (const auto path = arguments.option("--unix-dgram")) {
    return ask_by_packet(Address::unix_path(*path));
  }
  const bool udp = arguments.flag("--udp");
  const Address server("localhost", arguments.port(0, 12091));
  return udp ? ask_by_packet(server) : ask_by_stream(server);
}

}  // namespace

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  std::cout << ask(arguments) << '\n';
}
