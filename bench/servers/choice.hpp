#pragma once

// What the servers over HTTP have in common: the engine is chosen by name, nothing bounds them, and
// they say when they are ready.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>

#include <socketserver/socketserver.hpp>

namespace socketserver::bench {

/// No bound may decide a benchmark, and nobody reads an access log.
inline ServerOptions unbounded() {
  constexpr std::size_t kNoLimit = 1'000'000;
  return {.limits = {.max_connections = kNoLimit,
                     .max_concurrent_requests = kNoLimit,
                     .keep_alive_requests = 0},
          .log = {}};
}

/// Says which port it has, and serves until a signal.
template <class Server>
void announce_and_serve(Server& server) {
  StopOnSignals stop(server);
  std::cout << "ready " << server.server_port() << std::endl;
  try {
    server.serve_forever();
  } catch (const KeyboardInterrupt&) {
    // The benchmark is over.
  }
}

/// One server of the library. A new engine is one more row.
template <class Job>
struct Row {
  std::string_view engine;
  void (*serve)(const Job& job);
};

/// The whole of `main`: serves `job` by the row that the command line names.
///
/// @param program  has what else there is to say about the job.
/// @param name     of the program, for its complaints.
template <class Job>
int serve_chosen(CLI::App& program, int argc, char** argv, std::string_view name,
                 std::span<const Row<Job>> rows, Job& job) {
  std::string engine = "thread";
  bool list = false;
  program.add_option("--engine", engine, "Who serves; see --list")->capture_default_str();
  program.add_option("--port", job.port, "Port on 127.0.0.1; 0: any free one")
      ->capture_default_str();
  program.add_flag("--list", list, "Print the engines there are");
  CLI11_PARSE(program, argc, argv);

  if (list) {
    for (const auto& row : rows) std::cout << "tcp " << row.engine << '\n';
    return 0;
  }
  const auto row = std::ranges::find(rows, engine, &Row<Job>::engine);
  if (row == rows.end()) {
    std::cerr << name << ": no server for " << engine << " (see --list)\n";
    return 2;
  }
  try {
    row->serve(job);
    return 0;
  } catch (const std::exception& error) {
    std::cerr << name << ": " << error.what() << '\n';
    return 1;
  }
}

}  // namespace socketserver::bench
