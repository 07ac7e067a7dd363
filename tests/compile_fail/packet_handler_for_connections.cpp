// expect: this handler class cannot serve a stream

#include <socketserver/socketserver.hpp>

using namespace socketserver;

struct Upper : DatagramRequestHandler {
  void handle() override { wfile() << packet(); }
};

void serve() {
#ifdef CONTROL
  UDPServer server({"", 0}, handler<Upper>());
#else
  TCPServer server({"", 0}, handler<Upper>());
#endif
}
