// expect: a server has one concurrency mix-in, and this one has two

#include <socketserver/socketserver.hpp>

using namespace socketserver;

#ifdef CONTROL
using Server = ForkingMixIn<TCPServer>;
#else
using Server = ForkingMixIn<ThreadingMixIn<TCPServer>>;
#endif

void serve() {
  Server server({"", 0}, [](StreamRequestHandler& self) { self.wfile() << "hello"; });
}
