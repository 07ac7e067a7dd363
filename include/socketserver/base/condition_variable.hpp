#pragma once

#include <condition_variable>
#include <mutex>
#include <utility>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/mutex.hpp>
#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/base/wait_list.hpp>

namespace socketserver {

/// Lets flows, threads and fibers alike, wait until others have changed what a `Mutex` guards.
///
/// A fiber that waits lets its loop run others.
///
/// ```cpp
/// std::unique_lock lock(mutex);
/// changed.wait(lock, [&] { return !queue.empty(); });
/// ```
/// Use the forms with a predicate: what was announced may be undone again before the lock is back.
/// Notifications go to who waited longest; one is never lost to a wait that times out. The waits
/// never end without a reason, but that is no promise.
///
/// Requires, for every wait: `lock` owns its mutex, and all that wait at a time use the same one.
/// @throws std::logic_error  `lock` does not own a mutex.
/// Thread safety: every member from any flow, `notify_*` with or without the mutex.
/// Lifetime: outlives every call. Differs from `std::condition_variable`: a wait that was notified
/// must have returned, too, before the object goes.
/// Source: Python `threading.Condition`.
class ConditionVariable {
 public:
  constexpr ConditionVariable() noexcept = default;
  ConditionVariable(const ConditionVariable&) = delete;
  ConditionVariable& operator=(const ConditionVariable&) = delete;

  /// Unlocks, waits for a notification, locks again.
  void wait(std::unique_lock<Mutex>& lock) { wait_until(lock, Deadline::never()); }

  /// Waits until `done()`, which is called with the mutex locked, holds.
  template <class Predicate>
  void wait(std::unique_lock<Mutex>& lock, Predicate done) {
    wait_until(lock, Deadline::never(), std::move(done));
  }

  /// As `wait`; `std::cv_status::timeout` when the deadline came first. Locking again takes as long
  /// as it takes.
  std::cv_status wait_until(std::unique_lock<Mutex>& lock, Deadline deadline);

  /// Waits until `done()` holds or the deadline has come; what `done()` said last.
  template <class Predicate>
  bool wait_until(std::unique_lock<Mutex>& lock, Deadline deadline, Predicate done) {
    while (!done()) {
      if (wait_until(lock, deadline) == std::cv_status::timeout) return done();
    }
    return true;
  }

  /// As `wait_until`, `span` from now.
  std::cv_status wait_for(std::unique_lock<Mutex>& lock, Duration span) {
    return wait_until(lock, Deadline::after(span));
  }

  /// Waits like `wait_until`, but at most `span`; returns what `done()` then says.
  template <class Predicate>
  bool wait_for(std::unique_lock<Mutex>& lock, Duration span, Predicate done) {
    return wait_until(lock, Deadline::after(span), std::move(done));
  }

  /// Ends the wait of the one that has waited longest, if any waits.
  void notify_one() noexcept;

  /// Ends the waits of all that wait now.
  void notify_all() noexcept;

 private:
  void wake_first() noexcept SOCKETSERVER_REQUIRES(guard_);

  detail::ThreadMutex guard_;
  detail::WaitList waiters_ SOCKETSERVER_GUARDED_BY(guard_);
};

}  // namespace socketserver
