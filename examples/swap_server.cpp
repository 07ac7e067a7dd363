// Clients are paired in the order in which they come, and each gets the line of the other (E26).
//
//   swap_server [PORT=11001]

#include <functional>

#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"
#include "swap.hpp"

namespace {

using namespace socketserver;

struct SwapHandler : StreamRequestHandler {
  explicit SwapHandler(example::Swap& meeting) : swap(meeting) {}

  void handle() override {
    const auto line = rfile().readline();
    if (!line) return;  // came and went
    example::Offer mine{connection(), client_address(), example::strip(*line)};
    if (const auto theirs = swap.exchange(mine)) wfile() << *theirs << '\n';
  }

  example::Swap& swap;
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  example::Swap swap;
  ThreadingTCPServer server({"", arguments.port(0, 11001)}, handler<SwapHandler>(std::ref(swap)));
  arguments.announce(server);
  server.serve_forever();
}
