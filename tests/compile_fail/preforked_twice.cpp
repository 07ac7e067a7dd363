// expect: a server forks its workers once, and this one twice

#include <socketserver/socketserver.hpp>

using namespace socketserver;

#ifdef CONTROL
using Server = PreforkMixIn<TCPServer>;
#else
using Server = PreforkMixIn<PreforkMixIn<TCPServer>>;
#endif

void serve() {
  Server server({"", 0}, [](StreamRequestHandler& self) { self.wfile() << "hello"; });
}
