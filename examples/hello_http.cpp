// A web application of two methods.
//
//   hello_http [PORT=8080]

#include <string>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

using namespace socketserver;

class Hello : public BaseHTTPRequestHandler {
  void do_GET() override {
    send_response(200);
    send_header("Content-Type", "text/plain; charset=utf-8");
    end_headers();
    wfile() << "you asked for " << path() << '\n';
  }

  void do_POST() override {
    const std::string body = rfile().read_all(4096);
    send_response(200);
    send_header("Content-Type", "text/plain; charset=utf-8");
    end_headers();
    wfile() << "you sent " << body.size() << " bytes\n";
  }
};

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  ThreadingHTTPServer server({"", arguments.port(0, 8080)}, handler<Hello>());
  arguments.announce(server);
  server.serve_forever();
}
