// Runs a server under load and watches what it uses.
//
//     soak CLASS SECONDS [REQUESTS]
//
// Ends after SECONDS, or after REQUESTS answered requests when that is given and comes first. Fails
// when a client is not served, when memory keeps growing, or when descriptors, threads or processes
// are left.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iomanip>
#include <iostream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/socketserver.hpp>
#include <socketserver/testing/wait.hpp>

#include "bench/load/histogram.hpp"
#include "tests/soak/load.hpp"
#include "tests/soak/servers.hpp"
#include "tests/soak/usage.hpp"

namespace socketserver::soak {
namespace {

using namespace std::chrono_literals;
using Clock = Deadline::Clock;

constexpr unsigned kClients = 8;
constexpr int kMeasurements = 30;
constexpr std::size_t kWorkers = 4;  // threads of a pool, event loops, processes

// Of a process that serves nobody: standard files, socket, events, two for each event loop, and
// what a worker has of those that were there before it.
constexpr std::size_t kOwnDescriptors = 15 + 3 * kWorkers;

/// The server in a process of its own, where nothing else uses anything.
class ServerProcess {
 public:
  explicit ServerProcess(BaseServer& server) : pid_(::fork()) {
    if (pid_ == 0) serve(server);
    server.server_close();
  }
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess() {
    if (pid_ > 0) end(SIGKILL);
  }

  pid_t pid() const noexcept { return pid_; }

  /// Ends it; whether it ended well.
  bool end(int signal) {
    int status = 0;
    ::kill(pid_, signal);
    ::waitpid(std::exchange(pid_, 0), &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  [[noreturn]] static void serve(BaseServer& server) {
    const StopOnSignals stop(server);
    try {
      server.serve_forever();
    } catch (const KeyboardInterrupt&) {
      ::_exit(0);
    }
    ::_exit(1);
  }

  pid_t pid_;
};

double microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

/// A line that scripts/soak reads.
void print(double seconds, std::uint64_t requests, const bench::Histogram& latencies,
           const Usage& usage) {
  std::cout << std::fixed << std::setprecision(1) << std::setw(9) << seconds << " s"
            << std::setw(12) << requests << " requests" << std::setw(9)
            << usage.resident_bytes / 1024 << " KiB" << std::setw(6) << usage.descriptors
            << " descriptors" << std::setw(5) << usage.threads << " threads" << std::setprecision(0)
            << std::setw(8) << microseconds(latencies.percentile(0.5)) << " us p50" << std::setw(8)
            << microseconds(latencies.percentile(0.99)) << " us p99" << std::endl;
}

struct Goal {
  std::chrono::seconds time;
  std::uint64_t requests;
};

/// Loads the server until the goal is reached; what it used meanwhile.
std::vector<Usage> measure(const ServerProcess& process, bool has_workers, Load& load,
                           const Goal& goal) {
  std::vector<Usage> measured;
  const auto start = Clock::now();
  const auto step = std::max<Duration>(goal.time / kMeasurements, 100ms);
  for (auto next = start + step; !load.failed(); next += step) {
    std::this_thread::sleep_until(next);
    measured.push_back(has_workers ? usage_of_tree(process.pid()) : usage_of(process.pid()));
    const std::chrono::duration<double> passed = Clock::now() - start;
    print(passed.count(), load.requests(), load.take_latencies(), measured.back());
    if (passed >= goal.time || load.requests() >= goal.requests) break;
  }
  load.finish();
  return measured;
}

int soak(const std::string& name, const Goal& goal) {
  const auto [server, has_workers] = make_echo_server(name, kWorkers);
  const Address address = server->server_address();
  ServerProcess process(*server);
  std::cout << name << '\n';
  Load load(address, server->socket_type(), kClients);
  const auto measured = measure(process, has_workers, load, goal);
  testing::wait_until("the server uses no more than what it always does", [&] {
    const Usage usage = usage_of_tree(process.pid());
    return usage.processes == (has_workers ? 1 + kWorkers : 1) &&
           usage.descriptors <= usage.processes * kOwnDescriptors &&
           usage.threads <= usage.processes * (1 + kWorkers);
  });
  if (keeps_growing(measured)) {
    std::cout << "memory keeps growing\n";
    return 1;
  }
  if (!process.end(SIGTERM)) {
    std::cout << "it did not end well\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace socketserver::soak

int main(int argc, char** argv) {
  using socketserver::soak::Goal;
  if (argc < 3) {
    std::cerr << "usage: soak CLASS SECONDS [REQUESTS]\n";
    return 2;
  }
  try {
    const Goal goal{
        .time = std::chrono::seconds(std::stol(argv[2])),
        .requests = argc > 3 ? std::stoull(argv[3]) : std::numeric_limits<std::uint64_t>::max()};
    return socketserver::soak::soak(argv[1], goal);
  } catch (const std::exception& error) {
    std::cerr << "soak: " << error.what() << '\n';
    return 1;
  }
}
