// bench_echo: the echo of lines or packets, written once, under every engine of the library.

#include <CLI/CLI.hpp>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>

#include <socketserver/socketserver.hpp>

namespace {

using namespace socketserver;

struct Echo : StreamRequestHandler {
  void handle() override {
    while (auto line = rfile().readline()) wfile().write(*line);
  }
};

struct EchoOnce : StreamRequestHandler {
  void handle() override {
    if (auto line = rfile().readline()) wfile().write(*line);
  }
};

struct EchoPacket : DatagramRequestHandler {
  void handle() override { wfile().write(packet()); }
};

/// What the command line asks for.
struct Job {
  Address address;
  bool once = false;
};

/// No bound may decide a benchmark.
ServerOptions unbounded() {
  constexpr std::size_t kNoLimit = 1'000'000;
  return {.limits = {.max_connections = kNoLimit, .max_concurrent_requests = kNoLimit}};
}

void serve(BaseServer& server) {
  StopOnSignals stop(server);
  std::cout << "ready " << server.server_address().port() << std::endl;
  try {
    server.serve_forever();
  } catch (const KeyboardInterrupt&) {
    // The benchmark is over.
  }
}

template <class Server>
void serve_streams(const Job& job) {
  StreamHandler echo = handler<Echo>();
  if (job.once) echo = handler<EchoOnce>();
  Server server(job.address, echo, unbounded());
  serve(server);
}

template <class Server>
void serve_packets(const Job& job) {
  Server server(job.address, handler<EchoPacket>(), unbounded());
  serve(server);
}

/// One server of the library. A new engine is one more row for each transport.
struct Row {
  std::string_view transport;
  std::string_view engine;
  void (*serve)(const Job& job);
};

constexpr Row kServers[] = {
    {"tcp", "sync", serve_streams<TCPServer>},
    {"tcp", "thread", serve_streams<ThreadingTCPServer>},
    {"tcp", "fiber", serve_streams<FiberTCPServer>},
    {"tcp", "pool", serve_streams<ThreadPoolTCPServer>},
    {"tcp", "fork", serve_streams<ForkingTCPServer>},
    {"tcp", "prefork", serve_streams<PreforkMixIn<TCPServer>>},
    {"udp", "sync", serve_packets<UDPServer>},
    {"udp", "thread", serve_packets<ThreadingUDPServer>},
    {"udp", "fiber", serve_packets<FiberUDPServer>},
    {"udp", "pool", serve_packets<ThreadPoolUDPServer>},
    {"udp", "fork", serve_packets<ForkingUDPServer>},
    {"unix", "sync", serve_streams<UnixStreamServer>},
    {"unix", "thread", serve_streams<ThreadingUnixStreamServer>},
    {"unix", "fiber", serve_streams<FiberUnixStreamServer>},
    {"unix", "pool", serve_streams<ThreadPoolUnixStreamServer>},
    {"unix", "fork", serve_streams<ForkingUnixStreamServer>},
};

const Row* find(std::string_view transport, std::string_view engine) {
  for (const Row& row : kServers) {
    if (row.transport == transport && row.engine == engine) return &row;
  }
  return nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  std::string engine = "thread";
  std::uint16_t port = 0;
  std::string path;
  bool udp = false;
  bool once = false;
  bool list = false;
  CLI::App program("Echoes with the library; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--engine", engine, "Who runs the handlers; see --list")
      ->capture_default_str();
  program.add_option("--port", port, "Port on 127.0.0.1; 0: any free one")->capture_default_str();
  program.add_flag("--udp", udp, "Packets instead of connections");
  program.add_option("--unix", path, "A Unix socket instead of a port");
  program.add_flag("--once", once, "Answer one line, then close the connection");
  program.add_flag("--list", list, "Print the transports and engines there are");
  CLI11_PARSE(program, argc, argv);

  if (list) {
    for (const Row& row : kServers) std::cout << row.transport << ' ' << row.engine << '\n';
    return 0;
  }
  const std::string_view transport = !path.empty() ? "unix" : udp ? "udp" : "tcp";
  const Row* const row = find(transport, engine);
  if (row == nullptr) {
    std::cerr << "bench_echo: no server for " << transport << ' ' << engine << " (see --list)\n";
    return 2;
  }
  try {
    row->serve({path.empty() ? Address("127.0.0.1", port) : Address::unix_path(path), once});
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_echo: " << error.what() << '\n';
    return 1;
  }
}
