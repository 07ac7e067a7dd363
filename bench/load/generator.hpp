#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <socketserver/base/unique_fd.hpp>

#include "load/dialogue.hpp"
#include "load/histogram.hpp"
#include "load/options.hpp"

namespace socketserver::bench {

/// What was measured under load.
struct Measurement {
  std::chrono::duration<double> elapsed{};
  std::uint64_t requests = 0;             ///< Answered within `elapsed`.
  std::chrono::nanoseconds server_cpu{};  ///< Of the server's process tree, likewise.
  Histogram latency;                      ///< Of those requests.
};

/// Loads a server from one thread: every connection asks, waits for the whole answer, asks again.
///
/// The load is bounded: never more than `connections` × `pipeline` requests are on their way, so
/// that a slow server sees a slow client, and not a growing queue.
class Generator {
 public:
  explicit Generator(const Options& options);

  /// Warms up until the time has passed and every connection was answered, measures until the time
  /// has passed and one was, then waits for the answers that are still due.
  ///
  /// @throws WrongReply for a wrong byte, a connection that ends early or an answer that does not
  ///         come; OSError.
  Measurement run();

 private:
  using Clock = std::chrono::steady_clock;

  struct Connection {
    UniqueFd fd;
    std::unique_ptr<Dialogue> dialogue;
    std::string_view unsent;
    std::size_t unanswered = 0;  ///< Requests on their way.
    Clock::time_point asked_at;  ///< When they were sent; with connecting when it serves one.
    bool answered_once = false;
  };

  void open(std::size_t index);
  void ask(Connection& connection);
  void send_unsent(Connection& connection);
  void turn();
  void receive(std::size_t index, std::uint32_t events);
  void finish_connection(std::size_t index);
  void count(Connection& connection, std::size_t answered);
  template <class Done>
  void turn_until(Done done);

  const Options options_;
  const bool is_once_;  ///< A connection serves one request and is closed by the server.
  UniqueFd epoll_;
  std::vector<Connection> connections_;
  std::vector<char> buffer_;
  std::size_t never_answered_;  ///< Connections that have not been answered yet.
  std::size_t busy_ = 0;        ///< Connections that wait for an answer.
  bool is_ending_ = false;      ///< Ask nothing new.
  Clock::time_point last_answer_;
  Measurement measured_;
};

}  // namespace socketserver::bench
