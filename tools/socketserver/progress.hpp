#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/thread_mutex.hpp>

#include "log.hpp"
#include "progress_text.hpp"

namespace socketserver::tool {

/// Shows how far long transfers are: on one line of a terminal, below the log, which is erased when
/// a line is logged, and when there is nothing to show.
///
/// A thread looks after the line, so that it moves also while nothing is logged. For servers whose
/// handlers are in this process: a child process has no such thread, and must not use the object.
///
/// Thread safety: all of it.
/// Lifetime: from before the first line is logged to after the last one, for it writes the log's
/// lines; outlives every transfer.
class Progress {
 public:
  /// When the line is drawn.
  struct Pace {
    Duration every = std::chrono::milliseconds(200);
    Duration long_after = std::chrono::milliseconds(500);  ///< What ends sooner is never shown.
  };

  class Transfer;

  /// Whether a log of these settings is what a person reads on a terminal that can erase a line:
  /// not with `NO_COLOR`, nor with `TERM` unset or "dumb".
  static bool suits(const LogSettings& settings);

  /// @param log  borrowed; writes to `terminal` by this object from now on.
  /// @param terminal  a descriptor, borrowed.
  /// @throws std::system_error when its thread cannot be started.
  Progress(Log& log, int terminal) : Progress(log, terminal, Pace()) {}
  Progress(Log& log, int terminal, Pace pace);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

 private:
  void run();
  void print(std::string_view line);
  void refresh() noexcept;
  void show(std::string text) SOCKETSERVER_REQUIRES(terminal_mutex_);
  std::string compose() SOCKETSERVER_REQUIRES(mutex_);
  void measure(Deadline::Clock::time_point now) SOCKETSERVER_REQUIRES(mutex_);

  Log& log_;
  const int terminal_;
  const Pace pace_;

  // Taken first. While it is held a terminal may make us wait; the other one makes nobody wait.
  detail::ThreadMutex terminal_mutex_;
  std::string shown_ SOCKETSERVER_GUARDED_BY(terminal_mutex_);

  detail::ThreadMutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Transfer*> transfers_ SOCKETSERVER_GUARDED_BY(mutex_);  // in order of their begin
  bool idle_ SOCKETSERVER_GUARDED_BY(mutex_) = false;                 // the thread awaits the next
  bool ending_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
  bool shows_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
  Deadline::Clock::time_point measured_at_ SOCKETSERVER_GUARDED_BY(mutex_);
  double rate_ SOCKETSERVER_GUARDED_BY(mutex_) = 0;

  std::thread thread_;
};

/// A transfer, shown from some time after its begin to its end: the life of this object.
class Progress::Transfer {
 public:
  /// @param progress  borrowed.
  /// @param name  UTF-8 that is safe to print.
  /// @param total  bytes; nothing: unknown.
  Transfer(Progress& progress, std::string name, std::optional<std::uint64_t> total);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  /// So many bytes more have been moved.
  void add(std::uint64_t bytes) noexcept { done_.fetch_add(bytes, std::memory_order_relaxed); }

  /// How many by now.
  std::uint64_t done() const noexcept { return done_.load(std::memory_order_relaxed); }

 private:
  friend class Progress;

  TransferState state() const { return {.name = name_, .done = done(), .total = total_}; }

  Progress& progress_;
  const std::string name_;
  const std::optional<std::uint64_t> total_;
  const Deadline::Clock::time_point begun_ = Deadline::Clock::now();
  std::atomic<std::uint64_t> done_ = 0;
  std::uint64_t measured_ = 0;  // guarded by the mutex of progress_
};

}  // namespace socketserver::tool
