#pragma once

#include <atomic>
#include <csignal>  // pid_t
#include <cstddef>
#include <functional>
#include <memory>
#include <set>

#include <socketserver/base/deadline.hpp>

namespace socketserver {

class BaseServer;

namespace detail {

/// The worker processes of a prefork server, and the master that supervises them: starts them,
/// replaces those that die, does what signals ask for, and ends them.
///
/// Thread safety: `begin` from any thread, the rest from the serving one only.
class WorkerProcesses {
 public:
  WorkerProcesses();
  WorkerProcesses(const WorkerProcesses&) = delete;
  WorkerProcesses& operator=(const WorkerProcesses&) = delete;
  ~WorkerProcesses();

  /// Makes this process a master, which `turn` and `stop` then drive, until `end`.
  ///
  /// @param workers  how many; at least 1.
  /// @param serve  what a worker does, with the loop of its own that the server has then.
  /// @throws std::logic_error when there is a master in this process already.
  void begin(BaseServer& server, std::size_t workers, std::function<void()> serve);

  /// Restores what the signals did before. No worker may be running.
  void end() noexcept;

  /// Whether this process is a master now; a worker is none.
  bool is_master() const noexcept;

  /// Brings the workers to their number, then waits until the deadline, the stop of the server, or
  /// something to do.
  ///
  /// @throws OSError when the first workers cannot be forked.
  void turn(Deadline deadline);

  /// Ends all workers, within the grace of the server's stop.
  void stop();

  /// The ids of the workers, those that are being ended included.
  std::set<pid_t> pids() const;

 private:
  class Master;
  std::atomic<bool> begun_{false};
  std::unique_ptr<Master> master_;  // from `begin` to `end`
};

}  // namespace detail
}  // namespace socketserver
