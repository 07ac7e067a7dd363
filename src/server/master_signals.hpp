#pragma once

#include <signal.h>

#include <utility>
#include <vector>

#include "server/server_loop.hpp"

namespace socketserver::detail {

/// Receives the signals that steer the master of a prefork server, while it lives; those that a
/// StopOnSignals watches excepted.
///
/// Thread: construct and destroy it on one thread while the loop lives.
class MasterSignals {
 public:
  /// @param loop  woken when a signal came.
  /// @throws std::logic_error when another one exists.
  explicit MasterSignals(ServerLoop& loop);
  MasterSignals(const MasterSignals&) = delete;
  MasterSignals& operator=(const MasterSignals&) = delete;

  /// Restores what the signals did before.
  ~MasterSignals();

  /// How often `signal` has come since the last call.
  static int take(int signal) noexcept;

  /// In a worker: leaves the signals to the master. Those that concern the master alone do by
  /// default what they do to any program.
  void leave() noexcept;

  /// Lets them all through to this thread.
  static void unblock() noexcept;

 private:
  std::vector<std::pair<int, struct sigaction>> saved_;
};

}  // namespace socketserver::detail
