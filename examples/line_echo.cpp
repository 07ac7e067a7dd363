// Sends every line back, to any number of clients at once.
//
//   line_echo [PORT=8881]

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

using namespace socketserver;

struct Echo : StreamRequestHandler {
  void handle() override {
    while (auto line = rfile().readline()) wfile().write(*line);
  }
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  ThreadingTCPServer server({"", arguments.port(0, 8881)}, handler<Echo>());
  arguments.announce(server);
  server.serve_forever();
}
