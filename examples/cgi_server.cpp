// Files, and CGI scripts: what is below /cgi-bin is run, and so is every .py file.
//
//   cgi_server [DIRECTORY=.] [PORT=8080]

#include <chrono>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

using namespace socketserver;
using namespace std::chrono_literals;

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  const auto scripts = handler<CGIHTTPRequestHandler>({
      .files = {.directory = arguments.word(0, "."), .index_pages = {"index.html", "index.py"}},
      .cgi_directories = {"/cgi-bin"},
      .cgi_extensions = {{".py", "/usr/bin/python3"}},
      .environment = {{"GREETING", "hello"}},
  });
  ServerOptions options;
  options.limits.cgi_timeout = 20s;
  ThreadingHTTPServer server({"", arguments.port(1, 8080)}, scripts, options);
  arguments.announce(server);
  server.serve_forever();
}
