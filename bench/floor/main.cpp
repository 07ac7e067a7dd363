// bench_floor: the hand-written loops that servers are measured against.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>

#include "floor/loops.hpp"

using namespace socketserver::bench;

int main(int argc, char** argv) {
  std::string workload;
  std::uint16_t port = 0;
  std::string file;
  const std::map<std::string, std::function<void()>> loops = {
      {"echo", [&] { echo_on_epoll(port); }},
      {"http", [&] { http_on_epoll(port); }},
      {"http-close", [&] { http_close_on_epoll(port); }},
      {"http-close-epoll", [&] { http_close_all_on_epoll(port); }},
      {"static", [&] { file_on_epoll(port, file); }},
      {"post", [&] { post_on_epoll(port, file); }},
      {"udp", [&] { echo_datagrams(port); }},
      {"thread", [&] { echo_on_threads(port); }},
      {"fork", [&] { echo_on_forks(port); }},
      {"echo-thread", [&] { echo_on_standing_threads(port); }},
  };
  CLI::App program(
      "The least that a server can do; prints \"ready PORT\" and serves until SIGTERM.");
  program.add_option("--workload", workload, "What to do")
      ->required()
      ->check(CLI::IsMember(&loops));
  program.add_option("--port", port, "Port to listen on; 0: any free one")->capture_default_str();
  program.add_option("--file", file, "What `static` and `post` answer with")
      ->check(CLI::ExistingFile);
  CLI11_PARSE(program, argc, argv);

  try {
    loops.at(workload)();
  } catch (const std::exception& error) {
    std::cerr << "bench_floor: " << error.what() << '\n';
    return 1;
  }
}
