// expect: the handler class needs a constructor from its Shared

#include <socketserver/http_server.hpp>

using namespace socketserver;

struct Files : SimpleHTTPRequestHandler {
#ifdef CONTROL
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;
#endif
};

void serve() {
  HTTPServer server({"", 0}, handler<Files>());
}
