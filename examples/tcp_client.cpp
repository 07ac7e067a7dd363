// Sends its arguments as one line to tcp_server and prints both sides of the talk (E13).
//
//   tcp_client [--port PORT] WORD...

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  const int port = std::stoi(arguments.option("--port").value_or("9999"));
  std::string data;
  for (const std::string& word : arguments.words()) data += (data.empty() ? "" : " ") + word;

  auto socket = socketserver::Socket::connect({"localhost", port});
  socket.sendall(data + '\n');
  const std::string received = socket.recv(1024);
  socket.close();

  std::cout << "Sent:     " << data << "\nReceived: " << received << '\n';
}
