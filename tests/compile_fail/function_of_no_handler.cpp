// expect: a request handler is handler<YourHandler>\(\) or a function void\(YourHandler&\)

#include <string>

#include <socketserver/socketserver.hpp>

using namespace socketserver;

void serve() {
#ifdef CONTROL
  TCPServer server({"", 0}, [](StreamRequestHandler& self) { self.wfile() << "hello"; });
#else
  TCPServer server({"", 0}, [](std::string& self) { self += "hello"; });
#endif
}
