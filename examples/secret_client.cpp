// Sends one guess to secret_server and prints its answer (E27).
//
//   secret_client GUESS [PORT=11002]

#include <iostream>

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  auto socket = socketserver::Socket::connect({"localhost", arguments.port(1, 11002)});
  socket.sendall(arguments.word(0, "7") + '\n');
  socketserver::Reader answer(socket);
  std::cout << answer.read_all(100) << '\n';
}
