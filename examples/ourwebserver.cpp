// A web server with one page, which takes its leave when Ctrl-C ends it (E25).
// With --seed-compat unknown paths get text without a status line, which browsers refuse today.
//
//   ourwebserver [PORT=8000] [--seed-compat]

#include <csignal>
#include <iostream>
#include <string>
#include <string_view>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

namespace {

constexpr std::string_view kPage =
    "\n<HTML>\n<HEAD><TITLE>My Home Page</TITLE></HEAD>\n<BODY> <CENTER>\n"
    "<H1> hello client </H1>\n</CENTER> </BODY>\n</HTML>";

class WebServer : public socketserver::BaseHTTPRequestHandler {
 public:
  explicit WebServer(bool seed_compat) : seed_compat_(seed_compat) {}

 private:
  std::string_view protocol_version() const override { return "HTTP/1.0"; }

  void do_GET() override {
    if (path() == "/") return send_page(200, "text/html", kPage);
    const std::string message = std::string(path()) + " not found";
    if (!seed_compat_) return send_page(404, "text/plain", message);
    wfile().write(message);
  }

  void send_page(int code, std::string_view type, std::string_view body) {
    send_response(code);
    send_header("Content-type", type);
    end_headers();
    wfile().write(body);
  }

  const bool seed_compat_;
};

}  // namespace

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  const auto web_server = socketserver::handler<WebServer>(arguments.flag("--seed-compat"));
  socketserver::HTTPServer server({"", arguments.port(0, 8000)}, web_server);
  const socketserver::StopOnSignals stop(server, {SIGINT});
  std::cout << "welcome to our web server\npress ctrl c to stop server" << std::endl;
  arguments.announce(server);
  try {
    server.serve_forever();
  } catch (const socketserver::KeyboardInterrupt&) {
    std::cout << " ctrl c pressed, shutting down" << std::endl;
  }
}
