// Two servers in one thread: a loop of one's own polls both (E10).
// One turns lines into upper case, the other turns them round.
//
//   select_two_servers [PORT=8884] [PORT=8885]

#include <poll.h>

#include <array>
#include <iostream>
#include <string>

#include <socketserver/socketserver.hpp>

#include "bytes.hpp"
#include "example_support.hpp"

namespace {

using namespace socketserver;

struct Upper : StreamRequestHandler {
  void handle() override {
    wfile() << example::upper(example::strip(rfile().readline().value_or(""))) << '\n';
  }
};

struct Reverse : StreamRequestHandler {
  void handle() override {
    const std::string line = example::strip(rfile().readline().value_or(""));
    wfile() << std::string(line.rbegin(), line.rend()) << '\n';
  }
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  TCPServer upper({"localhost", arguments.port(0, 8884)}, handler<Upper>());
  TCPServer reverse({"localhost", arguments.port(1, 8885)}, handler<Reverse>());
  std::cout << "upper case on port " << upper.server_address().port() << ", reverse on port "
            << reverse.server_address().port() << std::endl;

  std::array<pollfd, 2> ready = {pollfd{upper.fileno(), POLLIN, 0},
                                 pollfd{reverse.fileno(), POLLIN, 0}};
  while (::poll(ready.data(), ready.size(), -1) > 0) {
    if (ready[0].revents != 0) upper.handle_request();
    if (ready[1].revents != 0) reverse.handle_request();
  }
}
