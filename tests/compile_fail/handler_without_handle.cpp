// expect: the handler class must override handle\(\)

#include <socketserver/socketserver.hpp>

using namespace socketserver;

struct Echo : StreamRequestHandler {
#ifdef CONTROL
  void handle() override {}
#endif
};

void serve() {
  TCPServer server({"", 0}, handler<Echo>());
}
