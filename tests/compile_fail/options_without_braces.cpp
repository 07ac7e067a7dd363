// expect: the handler class is given one thing, its options in braces

#include <socketserver/http/simple_handler.hpp>
#include <socketserver/server/servers.hpp>

using namespace socketserver;

void serve() {
#ifdef CONTROL
  TCPServer({"", 8000}, handler<SimpleHTTPRequestHandler>({.directory = "/srv"}));
#else
  TCPServer({"", 8000}, handler<SimpleHTTPRequestHandler>("/srv"));
#endif
}
