#pragma once

#include <csignal>  // pid_t
#include <cstddef>
#include <memory>
#include <optional>
#include <set>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

namespace socketserver {

class BaseServer;

namespace detail {

/// The child processes that a forking server has running, each with its one request.
///
/// Only they are ever waited for, no other child of the program. A child that a signal ended is
/// reported.
///
/// Thread safety: the serving thread only.
class ForkedRequests {
 public:
  ForkedRequests();
  ForkedRequests(const ForkedRequests&) = delete;
  ForkedRequests& operator=(const ForkedRequests&) = delete;
  ~ForkedRequests();

  /// Forks. The child serves the request by `server.run_request` and never returns: it exits with 0
  /// when all went well, with 1 otherwise. In the parent the request is closed.
  ///
  /// @throws OSError when no child can be forked; the request is untouched then.
  void start(BaseServer& server, Request& request, const Address& client_address);

  /// How many are running.
  std::size_t running() const noexcept;

  /// Their ids; absent before the first fork.
  std::optional<std::set<pid_t>> pids() const;

  /// Whether fewer than `most` are running.
  bool has_room(const BaseServer& server, std::size_t most);

  /// Takes note of those that have ended.
  void collect(const BaseServer& server);

  /// As `BaseServer::wait_for_request`; also returns when a child ends.
  bool wait_for_request(BaseServer& server, int fd, Deadline deadline, bool until_stop);

  /// Waits until none is running.
  void wait_all(BaseServer& server);

  /// Waits until none is running, within the grace of the server's stop; cancels their waits then.
  ///
  /// @param kill  ends those that go on nevertheless; otherwise they are left alone.
  void drain(BaseServer& server, bool kill);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace detail
}  // namespace socketserver
