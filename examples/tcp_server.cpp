// Answers each client with its own bytes in upper case, using the socket itself (E11).
// One recv() returns what the client has sent in one go, up to 1024 bytes; tcp_server_stream is the
// version that waits for a whole line.
//
//   tcp_server [HOST=localhost] [PORT=9999]

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

namespace {

struct MyTCPHandler : socketserver::BaseRequestHandler {
  void handle() override {
    const std::string data = example::strip(request().recv(1024));
    std::cout << client_address().host() << " wrote:\n" << example::bytes_repr(data) << std::endl;
    request().sendall(example::upper(data));
  }
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  socketserver::TCPServer server({arguments.word(0, "localhost"), arguments.port(1, 9999)},
                                 socketserver::handler<MyTCPHandler>());
  arguments.announce(server);
  server.serve_forever();  // until Ctrl-C
}
