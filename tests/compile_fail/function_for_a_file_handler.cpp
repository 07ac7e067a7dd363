// expect: a function cannot stand for a handler of this class: derive from it instead

#include <socketserver/http_server.hpp>

using namespace socketserver;

#ifdef CONTROL
using Handler = BaseHTTPRequestHandler;
#else
using Handler = SimpleHTTPRequestHandler;
#endif

void serve() {
  HTTPServer server({"", 0}, [](Handler& self) { self.send_error(404); });
}
