// bench_hello: "Hello, World!" over HTTP, written once, under every engine of the library.

#include <cstdint>

#include <socketserver/http_server.hpp>

#include "servers/choice.hpp"

namespace {

using namespace socketserver;

struct Hello : BaseHTTPRequestHandler {
  void do_GET() override {
    send_response(200);
    send_header("Content-Type", "text/plain");
    end_headers();
    wfile().write("Hello, World!");
  }
};

/// What the command line asks for.
struct Job {
  std::uint16_t port = 0;
};

template <class Server>
void serve(const Job& job) {
  Server server({"127.0.0.1", job.port}, handler<Hello>(), bench::unbounded());
  bench::announce_and_serve(server);
}

constexpr bench::Row<Job> kServers[] = {
    {"sync", serve<HTTPServer>},        {"thread", serve<ThreadingHTTPServer>},
    {"fiber", serve<FiberHTTPServer>},  {"pool", serve<ThreadPoolHTTPServer>},
    {"fork", serve<ForkingHTTPServer>}, {"prefork", serve<PreforkMixIn<HTTPServer>>},
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("Says hello with the library; prints \"ready PORT\" and serves until SIGTERM.");
  Job job;
  return bench::serve_chosen<Job>(program, argc, argv, "bench_hello", kServers, job);
}
