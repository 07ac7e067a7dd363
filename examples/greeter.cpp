// A function as a handler, and one client after the other.
//
//   greeter [PORT=8882]

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

using namespace socketserver;

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  TCPServer server({"localhost", arguments.port(0, 8882)}, [](StreamRequestHandler& self) {
    self.wfile() << "hello " << self.client_address().host() << '\n';
  });
  arguments.announce(server);
  server.serve_forever();
}
