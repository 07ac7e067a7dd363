#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include <socketserver/base/unique_fd.hpp>

#include <socketserver/base/thread_mutex.hpp>

namespace socketserver::detail {

class Fiber;

/// What other threads have for a loop, with a descriptor that wakes the loop from its sleep.
///
/// Whoever puts something in rings; a loop that has been rung already and did not answer yet is not
/// rung again, which saves the system call. The loop answers first and looks second.
///
/// Thread safety: `post`, `unpark` and `notify` from any thread, the rest only from the loop's.
class Inbox {
 public:
  /// @throws OSError "eventfd".
  Inbox();

  /// Becomes readable, again and again and for edge-triggered epoll only, when it was rung.
  int fd() const noexcept { return bell_.get(); }

  void post(std::function<void()> function);
  void unpark(Fiber& fiber) noexcept;
  void notify() noexcept;

  /// From now on, what is put in rings again.
  void answer() noexcept { rung_.exchange(false, std::memory_order_acq_rel); }

  /// The functions that were posted since the last call, in order.
  std::vector<std::function<void()>> take_posted();

  /// The fibers that were unparked since the last call, in order, linked by `next_in_inbox`.
  Fiber* take_unparked() noexcept;

  /// Whether `notify` was called since the last call.
  bool take_notification() noexcept;

 private:
  void ring() noexcept;

  const UniqueFd bell_;
  std::atomic<bool> rung_{false};
  std::atomic<bool> notified_{false};
  std::atomic<Fiber*> unparked_{nullptr};  // the last one first
  ThreadMutex mutex_;
  std::vector<std::function<void()>> posted_ SOCKETSERVER_GUARDED_BY(mutex_);
};

}  // namespace socketserver::detail
