// What a user's first program needs from the installed package: socketserver::core.

#include <iostream>
#include <socketserver/socketserver.hpp>

int main() {
  socketserver::TCPServer server({"127.0.0.1", 0}, [](socketserver::StreamRequestHandler&) {});
  std::cout << server.server_address().port() << '\n';
}
