// A directory on the web, with a header of our own for every file.
//
//   serve_directory [DIRECTORY=.] [PORT=8080]

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

using namespace socketserver;

int main(int argc, char** argv) {
  const example::Arguments arguments(argc, argv);
  const auto files = handler<SimpleHTTPRequestHandler>({
      .directory = arguments.word(0, "."),
      .index_pages = {"index.html", "README.md"},
      .extensions_map = {{".md", "text/plain; charset=utf-8"}},
      .extra_response_headers = {{"X-Content-Type-Options", "nosniff"}},
  });
  ThreadingHTTPServer server({"", arguments.port(1, 8080)}, files);
  arguments.announce(server);
  server.serve_forever();
}
