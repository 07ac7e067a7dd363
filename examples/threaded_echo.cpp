// A TCP echo server with a thread for each client, and a line for each that comes and goes (E01).
// Try it with echo_client, or with several `telnet localhost 8881` at once.
//
//   threaded_echo [PORT=8881]

#include <iostream>
#include <string>
#include <syncstream>

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

namespace {

struct EchoHandler : socketserver::BaseRequestHandler {
  void handle() override {
    report("Connected from ");
    for (;;) {
      const std::string received = request().recv(8192);
      if (received.empty()) break;
      request().sendall(received);
    }
    request().close();
    report("Disconnected from ");
  }

  // Handlers run at the same time: a line must be written whole.
  void report(const char* event) {
    std::osyncstream(std::cout) << event << client_address() << std::endl;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  socketserver::ThreadingTCPServer server({"", arguments.port(0, 8881)},
                                          socketserver::handler<EchoHandler>());
  arguments.announce(server);
  server.serve_forever();
}
