// expect: a request handler is handler<YourHandler>\(\) or a function void\(YourHandler&\)

#include <socketserver/socketserver.hpp>

using namespace socketserver;

#ifdef CONTROL
void handle(StreamRequestHandler& self) {
  self.wfile() << "hello";
}
#else
void handle(const StreamRequestHandler* /*self*/) {}
#endif

void serve() {
  TCPServer server({"", 0}, handle);
}
