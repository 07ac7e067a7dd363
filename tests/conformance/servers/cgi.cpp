// Serves the directory of its first argument, with CGI scripts, by the engine of its second one:
// "threads", "processes" or "fibers". Further arguments are ".suffix=/interpreter",
// ".suffix=unix:/socket" or "/path=unix:/socket" for FastCGI applications, or "VARIABLE=value".

#include <cstddef>
#include <string>
#include <string_view>

#include <socketserver/http_server.hpp>
#include <socketserver/server/fiber_mixin.hpp>
#include <socketserver/server/forking_mixin.hpp>

#include "run_server.hpp"

using namespace socketserver;

namespace {

template <class Server>
int serve(const CGIHTTPOptions& options) {
  Server server({"127.0.0.1", 0}, handler<CGIHTTPRequestHandler>(options));
  return testing::run_server(server);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  CGIHTTPOptions options{
      .files = {.directory = argv[1], .index_pages = {"index.html", "index.php"}}, .user = ""};
  for (int i = 3; i < argc; ++i) {
    const std::string setting = argv[i];
    const std::size_t equals = setting.find('=');
    const std::string name = setting.substr(0, equals);
    const std::string value = setting.substr(equals + 1);
    if (value.starts_with("unix:")) {
      options.fastcgi_applications[name] = Address::parse(value);
    } else {
      (name.starts_with('.') ? options.cgi_extensions : options.environment)[name] = value;
    }
  }
  const std::string_view engine = argv[2];
  if (engine == "processes") return serve<ForkingMixIn<HTTPServer>>(options);
  if (engine == "fibers") return serve<FiberMixIn<HTTPServer>>(options);
  return serve<ThreadingHTTPServer>(options);
}
