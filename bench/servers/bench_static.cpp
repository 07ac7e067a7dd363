// bench_static: the files of a directory over HTTP, under engines of the library.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

#include <socketserver/http_server.hpp>

namespace {

using namespace socketserver;

/// What the command line asks for.
struct Job {
  std::uint16_t port = 0;
  std::string directory = ".";
};

/// No bound may decide a benchmark, and nobody reads an access log.
ServerOptions unbounded() {
  constexpr std::size_t kNoLimit = 1'000'000;
  return {.limits = {.max_connections = kNoLimit,
                     .max_concurrent_requests = kNoLimit,
                     .keep_alive_requests = 0},
          .log = {}};
}

template <class Server>
void serve(const Job& job) {
  SimpleHTTPOptions options;
  options.directory = job.directory;
  Server server({"127.0.0.1", job.port}, handler<SimpleHTTPRequestHandler>(options), unbounded());
  StopOnSignals stop(server);
  std::cout << "ready " << server.server_port() << std::endl;
  try {
    server.serve_forever();
  } catch (const KeyboardInterrupt&) {
    // The benchmark is over.
  }
}

/// One server of the library. A new engine is one more row.
struct Row {
  std::string_view engine;
  void (*serve)(const Job& job);
};

constexpr Row kServers[] = {
    {"sync", serve<HTTPServer>},
    {"thread", serve<ThreadingHTTPServer>},
    {"fiber", serve<FiberHTTPServer>},
    {"pool", serve<ThreadPoolHTTPServer>},
};

}  // namespace

int main(int argc, char** argv) {
  std::string engine = "thread";
  Job job;
  bool list = false;
  CLI::App program(
      "Serves files with the library; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--engine", engine, "Who runs the handlers; see --list")
      ->capture_default_str();
  program.add_option("--port", job.port, "Port on 127.0.0.1; 0: any free one")
      ->capture_default_str();
  program.add_option("--directory", job.directory, "What to serve")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  program.add_flag("--list", list, "Print the engines there are");
  CLI11_PARSE(program, argc, argv);

  if (list) {
    for (const Row& row : kServers) std::cout << "tcp " << row.engine << '\n';
    return 0;
  }
  const auto row = std::ranges::find(kServers, engine, &Row::engine);
  if (row == std::end(kServers)) {
    std::cerr << "bench_static: no server for " << engine << " (see --list)\n";
    return 2;
  }
  try {
    row->serve(job);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_static: " << error.what() << '\n';
    return 1;
  }
}
