// bench_static: the files of a directory over HTTP, under engines of the library.

#include <cstdint>
#include <string>

#include <socketserver/http_server.hpp>

#include "servers/choice.hpp"

namespace {

using namespace socketserver;

/// What the command line asks for.
struct Job {
  std::uint16_t port = 0;
  std::string directory = ".";
};

template <class Server>
void serve(const Job& job) {
  SimpleHTTPOptions options;
  options.directory = job.directory;
  options.share_small_files = true;
  Server server({"127.0.0.1", job.port}, handler<SimpleHTTPRequestHandler>(options),
                bench::unbounded());
  bench::announce_and_serve(server);
}

constexpr bench::Row<Job> kServers[] = {
    {"sync", serve<HTTPServer>},
    {"thread", serve<ThreadingHTTPServer>},
    {"fiber", serve<FiberHTTPServer>},
    {"pool", serve<ThreadPoolHTTPServer>},
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App program(
      "Serves files with the library; prints \"ready PORT\" and serves until SIGTERM.");
  Job job;
  program.add_option("--directory", job.directory, "What to serve")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  return bench::serve_chosen<Job>(program, argc, argv, "bench_static", kServers, job);
}
