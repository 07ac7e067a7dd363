// Files, and pages that a FastCGI application makes of those of one suffix: PHP's process manager
// of .php files, unless told otherwise.
//
//   fastcgi_server [DIRECTORY=.] [PORT=8080] [--suffix .php] [--socket /run/php/php8.2-fpm.sock]

#include <string>

#include <socketserver/http_server.hpp>

#include "example_support.hpp"

using namespace socketserver;

int main(int argc, char** argv) {
  example::Arguments arguments(argc, argv);
  const std::string suffix = arguments.option("--suffix").value_or(".php");
  const std::string socket = arguments.option("--socket").value_or("/run/php/php8.2-fpm.sock");
  const auto pages = handler<CGIHTTPRequestHandler>({
      .files = {.directory = arguments.word(0, "."),
                .index_pages = {"index.html", "index" + suffix}},
      .cgi_directories = {},
      .fastcgi_applications = {{suffix, Address::unix_path(socket)}},
  });
  ThreadingHTTPServer server({"", arguments.port(1, 8080)}, pages);
  arguments.announce(server);
  server.serve_forever();
}
