// expect: a request handler is handler<YourHandler>\(\) or a function void\(YourHandler&\)

#include <socketserver/socketserver.hpp>

using namespace socketserver;

struct Echo : StreamRequestHandler {
  void handle() override {}
};

// Python takes the class; here the object in its place is a likely slip.
void serve() {
#ifdef CONTROL
  TCPServer server({"", 0}, handler<Echo>());
#else
  TCPServer server({"", 0}, Echo());
#endif
}
