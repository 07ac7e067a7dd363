// expect: this handler class cannot serve datagrams

#include <socketserver/http_server.hpp>
#include <socketserver/socketserver.hpp>

using namespace socketserver;

struct Hello : BaseHTTPRequestHandler {
  void do_GET() override { send_error(404); }
};

void serve() {
#ifdef CONTROL
  TCPServer server({"", 0}, handler<Hello>());
#else
  UDPServer server({"", 0}, handler<Hello>());
#endif
}
