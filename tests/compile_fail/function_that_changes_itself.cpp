// expect: a function void\(YourHandler&\) that can be called as const

#include <socketserver/socketserver.hpp>

using namespace socketserver;

// Many threads call it at once: what it counts must be shared knowingly.
void serve() {
  int requests = 0;
#ifdef CONTROL
  TCPServer server({"", 0}, [&requests](StreamRequestHandler&) { ++requests; });
#else
  TCPServer server({"", 0}, [requests](StreamRequestHandler&) mutable { ++requests; });
#endif
}
