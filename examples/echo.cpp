// The smallest server: sends every line back, to any number of clients at once, on port 8881.

#include <socketserver/socketserver.hpp>

using namespace socketserver;

struct Echo : StreamRequestHandler {
  void handle() override {
    while (auto line = rfile().readline()) wfile().write(*line);
  }
};

int main() {
  ThreadingTCPServer({"", 8881}, handler<Echo>()).serve_forever();
}
