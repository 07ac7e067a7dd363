// Answers each client with its own line in upper case, using rfile and wfile (E12).
// readline() calls recv() until the line is complete, however the client's bytes arrive.
//
//   tcp_server_stream [HOST=localhost] [PORT=9999]

#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

namespace {

struct MyTCPHandler : socketserver::StreamRequestHandler {
  void handle() override {
    const std::string data = example::strip(rfile().readline().value_or(""));
    std::cout << client_address().host() << " wrote:\n" << example::bytes_repr(data) << std::endl;
    wfile().write(example::upper(data));
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
