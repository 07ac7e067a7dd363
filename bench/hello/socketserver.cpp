// "Hello, World!" with this library: what scripts/compile-cost compiles.

#include <socketserver/http_server.hpp>

using namespace socketserver;

struct Hello : BaseHTTPRequestHandler {
  void do_GET() override { send_text("Hello, World!"); }
};

int main() {
  ThreadingHTTPServer({"", 8080}, handler<Hello>()).serve_forever();
}
