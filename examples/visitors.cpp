// A server with a state that its handlers share, a hook, limits, and an end in good order.
//
//   visitors [PORT=8883]

#include <atomic>
#include <chrono>
#include <iostream>

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

using namespace socketserver;

class VisitorServer : public ThreadingTCPServer {
 public:
  using ThreadingTCPServer::ThreadingTCPServer;

  // Handlers run at the same time: what they share is atomic, or guarded by a mutex.
  std::atomic<int> visitors = 0;

 protected:
  bool verify_request(Request&, const Address& client_address) override {
    return client_address.host().starts_with("127.");
  }
};

struct Welcome : StreamRequestHandler {
  void handle() override {
    wfile() << "you are number " << ++server_as<VisitorServer>().visitors << '\n';
  }
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  auto server = make_server<VisitorServer>(
      {"", arguments.port(0, 8883)}, handler<Welcome>(),
      {.limits = {.max_concurrent_requests = 32, .drain_grace = std::chrono::seconds(3)}});
  arguments.announce(*server);
  const StopOnSignals stop(*server);
  try {
    server->serve_forever();
  } catch (const KeyboardInterrupt&) {
    std::cout << server->visitors << " visitors" << std::endl;
  }
}
