#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <list>
#include <thread>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/wait_list.hpp>

#include <socketserver/base/thread_mutex.hpp>

namespace socketserver::detail {

/// Threads that run what would block a loop. Started when there is more to do than threads that
/// are idle, ended when they were idle for long.
///
/// Thread safety: every member from any flow.
/// Lifetime: outlives every job; the destructor joins every thread.
class HelperThreads {
 public:
  /// @param most        how many threads there may be; jobs beyond that wait in order.
  /// @param idle_limit  after how long without a job a thread ends.
  HelperThreads(std::size_t most, Duration idle_limit);
  HelperThreads(const HelperThreads&) = delete;
  HelperThreads& operator=(const HelperThreads&) = delete;
  ~HelperThreads();

  /// Runs `job`, which must not throw, on one of the threads while the current flow parks.
  ///
  /// @throws std::system_error when there is no thread and none can be started.
  void run(const std::function<void()>& job);

  /// Ends the threads that are idle, and waits for that; the others end when they become idle.
  void end_idle();

  /// How many threads there are, idle or not.
  std::size_t running() const;

 private:
  struct Job;
  using Threads = std::list<std::thread>;

  void start_thread() SOCKETSERVER_REQUIRES(mutex_);
  void serve(Threads::iterator self);
  bool wait_for_job() SOCKETSERVER_REQUIRES(mutex_);
  Job& take_job() SOCKETSERVER_REQUIRES(mutex_);

  // Constant after construction.
  const std::size_t most_;
  const Duration idle_limit_;

  mutable ThreadMutex mutex_;
  std::condition_variable_any work_;     // there is a job, or the threads shall end
  std::condition_variable_any changed_;  // a thread has ended, or is no longer idle while they end
  WaitList jobs_ SOCKETSERVER_GUARDED_BY(mutex_);
  std::size_t waiting_jobs_ SOCKETSERVER_GUARDED_BY(mutex_) = 0;
  std::size_t idle_ SOCKETSERVER_GUARDED_BY(mutex_) = 0;
  bool ending_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
  Threads threads_ SOCKETSERVER_GUARDED_BY(mutex_);

  // A thread cannot join itself, so each joins the one that ended before it.
  std::thread last_ended_ SOCKETSERVER_GUARDED_BY(mutex_);
};

}  // namespace socketserver::detail
