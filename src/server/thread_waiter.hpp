#pragma once

#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/net/waiter.hpp>

#include "server/server_loop.hpp"

namespace socketserver::detail {

/// How the connections of a server wait that has a thread for each: in recv(2) itself where there
/// is no deadline, else as the server's loop has them wait.
///
/// A thread that sleeps in recv(2) sees no event, so a stop ends that call from outside, by
/// `cut_waits`.
///
/// Thread safety: every member from any thread.
class ThreadWaiter : public Waiter {
 public:
  explicit ThreadWaiter(ServerLoop& loop) noexcept : loop_(loop) {}

  /// Ends the calls that block: those of idle connections when the server is stopping, all when it
  /// is forced to, none otherwise. Later ones do not begin.
  void cut_waits();

  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override {
    return loop_.wait(fd, interest, deadline, idle);
  }
  bool cancelled() const noexcept override { return loop_.cancelled(); }
  bool blocks_in_calls() const noexcept override { return true; }
  bool begin_call(Call& call) noexcept override;
  void end_call(Call& call) noexcept override;

 private:
  bool ends(const Call& call) const noexcept;

  ServerLoop& loop_;
  ThreadMutex mutex_;
  Call* first_ SOCKETSERVER_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace socketserver::detail
