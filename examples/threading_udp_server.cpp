// A packet server with a thread for each packet: slow answers do not wait for each other (E18).
//
//   threading_udp_server [PORT=9998]

#include <chrono>

#include <socketserver/base/sleep.hpp>
#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

namespace {

struct SlowUpper : socketserver::DatagramRequestHandler {
  void handle() override {
    socketserver::sleep_for(std::chrono::milliseconds(200));
    wfile() << example::upper(packet());
  }
};

// So is every combination made; this one the library has under the same name.
using ThreadingUDPServer = socketserver::ThreadingMixIn<socketserver::UDPServer>;

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  ThreadingUDPServer server({"localhost", arguments.port(0, 9998)},
                            socketserver::handler<SlowUpper>());
  arguments.announce(server);
  server.serve_forever();
}
