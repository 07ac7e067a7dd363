// The smallest web server: whatever is asked for is not found (E02).
//
//   trivial_http [PORT=8000]

#include <string_view>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

namespace {

class TrivialHTTPRequestHandler : public socketserver::BaseHTTPRequestHandler {
  std::string_view server_version() const override { return "TrivialHTTP/1.0"; }

  // One answer for each connection, as Python's servers do unless told otherwise.
  std::string_view protocol_version() const override { return "HTTP/1.0"; }

  void do_GET() override { send_error(404, "File not found"); }
  void do_HEAD() override { do_GET(); }
  void do_POST() override { do_GET(); }
};

}  // namespace

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  socketserver::HTTPServer server({"", arguments.port(0, 8000)},
                                  socketserver::handler<TrivialHTTPRequestHandler>());
  arguments.announce(server);
  server.serve_forever();
}
