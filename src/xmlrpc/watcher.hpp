#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <system_error>
#include <thread>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/base/wait_list.hpp>
#include <socketserver/net/waiter.hpp>

namespace socketserver::xmlrpc {

/// One thread that waits for the sockets of any number of flows, which park meanwhile: a helper
/// thread for each would keep them all from `offload`. Started when there is something to wait for,
/// ended when there was nothing for long.
///
/// Thread safety: every member from any flow.
class Watcher {
 public:
  /// @param idle_limit  after how long without a wait the thread ends.
  explicit Watcher(Duration idle_limit) : idle_limit_(idle_limit) {}
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  /// Requires: nobody waits.
  ~Watcher() { end_idle(); }

  /// The one of this process.
  static Watcher& shared();

  /// As Waiter::wait for the current flow; nothing where another has to wait for `fd`, because
  /// somebody waits for it here already, it is none that epoll takes, or there can be no thread.
  std::optional<std::error_code> wait(int fd, Interest interest, Deadline deadline);

  /// Takes no waits any more, and ends the thread if there are none.
  void end_idle() noexcept;

  /// Whether there is a thread.
  bool running() const;

 private:
  bool start() SOCKETSERVER_REQUIRES(mutex_);
  void serve(int epoll);

  const Duration idle_limit_;

  mutable socketserver::detail::ThreadMutex mutex_;
  bool running_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
  bool ending_ SOCKETSERVER_GUARDED_BY(mutex_) = false;
  // Those of one thread's life: a process that forks without one shares none of them.
  UniqueFd epoll_ SOCKETSERVER_GUARDED_BY(mutex_);
  UniqueFd bell_ SOCKETSERVER_GUARDED_BY(mutex_);
  std::thread thread_ SOCKETSERVER_GUARDED_BY(mutex_);

  // By numbers that come once: an event may be told when its wait is over.
  std::map<std::uint64_t, socketserver::detail::WaitNode*> waits_ SOCKETSERVER_GUARDED_BY(mutex_);
  std::uint64_t last_number_ SOCKETSERVER_GUARDED_BY(mutex_) = 0;
};

}  // namespace socketserver::xmlrpc
