// bench_rpc: functions by XML-RPC, registered once, under every engine of the library.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

#include <socketserver/xmlrpc.hpp>

namespace {

using namespace socketserver;

int add(int a, int b) {
  return a + b;
}

xmlrpc::Value echo(xmlrpc::Value goods) {
  return goods;
}

/// No bound may decide a benchmark, and nobody reads an access log.
ServerOptions unbounded() {
  constexpr std::size_t kNoLimit = 1'000'000;
  return {.limits = {.max_connections = kNoLimit,
                     .max_concurrent_requests = kNoLimit,
                     .keep_alive_requests = 0},
          .log = {}};
}

template <class Server>
void serve(std::uint16_t port) {
  Server server({"127.0.0.1", port}, XMLRPCOptions{.log_requests = false}, unbounded());
  server.register_multicall_functions();
  server.template register_function<&add>();
  server.template register_function<&echo>();
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
  void (*serve)(std::uint16_t port);
};

constexpr Row kServers[] = {
    {"sync", serve<SimpleXMLRPCServer>},  {"thread", serve<ThreadingXMLRPCServer>},
    {"fiber", serve<FiberXMLRPCServer>},  {"pool", serve<ThreadPoolXMLRPCServer>},
    {"fork", serve<ForkingXMLRPCServer>},
};

}  // namespace

int main(int argc, char** argv) {
  std::string engine = "thread";
  std::uint16_t port = 0;
  bool list = false;
  CLI::App program(
      "Serves `add` and `echo` by XML-RPC with the library; prints \"ready PORT\" and serves until "
      "SIGTERM.");
  program.add_option("--engine", engine, "Who runs the functions; see --list")
      ->capture_default_str();
  program.add_option("--port", port, "Port on 127.0.0.1; 0: any free one")->capture_default_str();
  program.add_flag("--list", list, "Print the engines there are");
  CLI11_PARSE(program, argc, argv);

  if (list) {
    for (const Row& row : kServers) std::cout << "tcp " << row.engine << '\n';
    return 0;
  }
  const auto row = std::ranges::find(kServers, engine, &Row::engine);
  if (row == std::end(kServers)) {
    std::cerr << "bench_rpc: no server for " << engine << " (see --list)\n";
    return 2;
  }
  try {
    row->serve(port);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_rpc: " << error.what() << '\n';
    return 1;
  }
}
