#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/log.hpp>

#include <socketserver/base/thread_mutex.hpp>

namespace socketserver::detail {

/// Where a loop shows that it turns. Thread: the loop's, but for `beats`.
class Pulse {
 public:
  /// The loop goes to work.
  void wake() noexcept { beats_.store((beats() + 1) | 1, std::memory_order_relaxed); }

  /// The loop goes to sleep, or back to its caller.
  void sleep() noexcept { beats_.store((beats() | 1) + 1, std::memory_order_relaxed); }

  /// Odd while the loop is at work; another number whenever it has turned.
  std::uint64_t beats() const noexcept { return beats_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> beats_{0};
};

/// Reports loops that have been at work for too long without turning: a handler blocks them. One
/// helper thread looks after all loops of a process.
///
/// Thread safety: every member from any thread.
class StallWatchdog {
 public:
  /// The one of this process, which lives as long as somebody holds it.
  ///
  /// @throws std::system_error when its thread cannot be started.
  static std::shared_ptr<StallWatchdog> shared();

  StallWatchdog();
  StallWatchdog(const StallWatchdog&) = delete;
  StallWatchdog& operator=(const StallWatchdog&) = delete;
  ~StallWatchdog();

  /// Looks after a loop until `leave`. Each stall is reported once, when it has lasted `limit`.
  void look_after(const Pulse& pulse, Duration limit, std::string name, LogSink log);

  /// From the return on, neither `pulse` nor the log is touched.
  void leave(const Pulse& pulse) noexcept;

 private:
  struct Patient {
    const Pulse* pulse;
    Duration limit;
    std::string name;
    LogSink log;
    std::uint64_t beats = 0;              // when last seen
    Deadline::Clock::time_point since{};  // when first seen with these beats
    bool reported = false;
  };

  void run();
  void look() SOCKETSERVER_REQUIRES(mutex_);
  static void look_at(Patient& patient, Deadline::Clock::time_point now);

  ThreadMutex mutex_;
  std::condition_variable_any changed_;
  std::list<Patient> patients_ SOCKETSERVER_GUARDED_BY(mutex_);
  bool ending_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace socketserver::detail
