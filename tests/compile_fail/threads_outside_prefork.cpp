// expect: a server has one concurrency mix-in, and this one has two

#include <socketserver/socketserver.hpp>

using namespace socketserver;

// The workers have the threads, so the threads are inside.
#ifdef CONTROL
using Server = PreforkMixIn<ThreadingMixIn<TCPServer>>;
#else
using Server = ThreadingMixIn<PreforkMixIn<TCPServer>>;
#endif

void serve() {
  Server server({"", 0}, [](StreamRequestHandler& self) { self.wfile() << "hello"; });
}
