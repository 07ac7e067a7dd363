// What a server does while nobody comes (E20).
//
//   timeout_server

#include <chrono>
#include <iostream>
#include <thread>

#include <socketserver/base/sleep.hpp>
#include <socketserver/socketserver.hpp>

namespace {

using namespace socketserver;
using namespace std::chrono_literals;

class PatientServer : public TCPServer {
 public:
  using TCPServer::TCPServer;

  int actions = 0;

 protected:
  void handle_timeout() override { std::cout << "handle_timeout called\n"; }
  void service_actions() override { ++actions; }
};

}  // namespace

int main() {
  const auto server =
      make_server<PatientServer>({"localhost", 0}, [](BaseRequestHandler&) {}, {.timeout = 200ms});
  server->handle_request();

  std::thread stopper([&] {
    sleep_for(350ms);
    server->shutdown();
  });
  server->serve_forever(100ms);  // does not know the timeout
  stopper.join();
  std::cout << "service_actions called " << server->actions << " times\n";
}
