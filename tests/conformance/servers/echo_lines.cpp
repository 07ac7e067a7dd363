// Sends every line back to whoever sent it.

#include "run_server.hpp"

using namespace socketserver;

struct EchoLines : StreamRequestHandler {
  void handle() override {
    while (const auto line = rfile().readline()) wfile().write(*line);
  }
};

int main() {
  ThreadingTCPServer server({"127.0.0.1", 0}, handler<EchoLines>());
  return testing::run_server(server);
}
