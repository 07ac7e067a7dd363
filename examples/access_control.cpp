// Refuses clients by their address, before any handler sees them (E09).
//
//   access_control [PORT=8886] [PREFIX=10.]

#include <string>
#include <utility>

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

namespace {

using namespace socketserver;

class GuardedServer : public ThreadingTCPServer {
 public:
  GuardedServer(Address address, StreamHandler handler, ServerOptions options, std::string refused)
      : ThreadingTCPServer(std::move(address), std::move(handler), std::move(options)),
        refused_(std::move(refused)) {}

 protected:
  bool verify_request(Request&, const Address& client_address) override {
    return !client_address.host().starts_with(refused_);
  }

 private:
  const std::string refused_;
};

void welcome(StreamRequestHandler& self) {
  self.wfile() << "welcome\n";
}

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  const auto server = make_server<GuardedServer>({"", arguments.port(0, 8886)}, welcome, {},
                                                 arguments.word(1, "10."));
  arguments.announce(*server);
  server->serve_forever();
}
