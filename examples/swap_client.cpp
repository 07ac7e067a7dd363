// Sends a text to swap_server and prints what another client has sent (E26).
//
//   swap_client NAME TEXT [PORT=11001]

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  const std::string name = arguments.word(0, "A");
  const std::string text = arguments.word(1, "apples");

  auto socket = socketserver::Socket::connect({"localhost", arguments.port(2, 11001)});
  socket.sendall(text + '\n');
  std::cout << name << " sent: " << text << std::endl;
  socketserver::Reader answers(socket);
  const auto received = answers.readline();
  if (!received) return 1;
  std::cout << name << " received: " << example::strip(*received) << '\n';
}
