// Answers each packet with its own bytes in upper case (E14).
//
//   udp_server [HOST=localhost] [PORT=9999]

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

namespace {

struct MyUDPHandler : socketserver::BaseRequestHandler {
  void handle() override {
    const std::string data = example::strip(request().datagram().data);
    std::cout << client_address().host() << " wrote:\n" << example::bytes_repr(data) << std::endl;
    request().socket().sendto(example::upper(data), client_address());
  }
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  socketserver::UDPServer server({arguments.word(0, "localhost"), arguments.port(1, 9999)},
                                 socketserver::handler<MyUDPHandler>());
  arguments.announce(server);
  server.serve_forever();  // until Ctrl-C
}
