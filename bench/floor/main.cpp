// bench_floor: the hand-written loops that servers are measured against.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <iostream>
#include <map>
#include <string>

#include "floor/loops.hpp"

namespace {

using Loop = void (*)(std::uint16_t port);

const std::map<std::string, Loop> kLoops = {
    {"echo", socketserver::bench::echo_on_epoll},
    {"http", socketserver::bench::http_on_epoll},
    {"udp", socketserver::bench::echo_datagrams},
    {"thread", socketserver::bench::echo_on_threads},
    {"fork", socketserver::bench::echo_on_forks},
    {"echo-thread", socketserver::bench::echo_on_standing_threads},
};

}  // namespace

int main(int argc, char** argv) {
  std::string workload;
  std::uint16_t port = 0;
  CLI::App program(
      "The least that a server can do; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--workload", workload, "What to do")
      ->required()
      ->check(CLI::IsMember(&kLoops));
  program.add_option("--port", port, "Port to listen on; 0: any free one")->capture_default_str();
  CLI11_PARSE(program, argc, argv);

  try {
    kLoops.at(workload)(port);
  } catch (const std::exception& error) {
    std::cerr << "bench_floor: " << error.what() << '\n';
    return 1;
  }
}
