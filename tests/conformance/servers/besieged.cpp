// Serves files, and reads what is PUT; patient for no longer than it is told. Arguments: the
// engine, Threading, Pool, Fiber or Prefork (processes of threads); the directory; how many
// milliseconds it waits for whatever it waits for; the least bytes per second of bodies and
// answers, unless any rate will do.

#include <chrono>
#include <string>
#include <string_view>

#include <socketserver/http_server.hpp>

#include "run_server.hpp"

using namespace socketserver;

struct Reading : SimpleHTTPRequestHandler {
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;

  void do_PUT() override {
    const std::string body = rfile().read_all(std::size_t{64} << 20);
    send_response(201);
    end_headers();
    wfile() << body.size();
  }
};

int main(int argc, char** argv) {
  if (argc != 4 && argc != 5) return 2;
  const std::string_view engine = argv[1];
  const Duration patience = std::chrono::milliseconds(std::stoi(argv[3]));
  ServerOptions options;
  options.limits.first_byte_timeout = patience;
  options.limits.header_timeout = patience;
  options.limits.keep_alive_timeout = patience;
  options.limits.io_progress_timeout = patience;
  options.limits.lingering_timeout = patience;
  options.limits.min_rate_span = patience;
  if (argc == 5) options.limits.min_rate = std::stoul(argv[4]);
  options.log = [](LogLevel, std::string_view) {};

  const auto request_handler = handler<Reading>({.directory = argv[2]});
  if (engine == "Fiber") {
    FiberMixIn<HTTPServer> server({"127.0.0.1", 0}, request_handler, options);
    return testing::run_server(server);
  }
  if (engine == "Pool") {
    ThreadPoolHTTPServer server({"127.0.0.1", 0}, request_handler, options);
    return testing::run_server(server);
  }
  if (engine == "Prefork") {
    options.workers = 2;
    PreforkMixIn<ThreadingHTTPServer> server({"127.0.0.1", 0}, request_handler, options);
    return testing::run_server(server);
  }
  ThreadingHTTPServer server({"127.0.0.1", 0}, request_handler, options);
  return testing::run_server(server);
}
