#pragma once

#include <atomic>
#include <cstdint>

#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/base/wait_list.hpp>

namespace socketserver {

/// Mutual exclusion between flows, threads and fibers alike.
///
/// A `std::mutex` blocks the thread, and with it every fiber of its loop; one that a fiber holds
/// while it parks can even lock the loop up for good. Here a fiber that waits lets its loop run
/// others, and may park (read, write, sleep) while it holds the mutex. Handlers that must run
/// unchanged under every engine use this one.
///
/// ```cpp
/// Mutex mutex;
/// int visits = 0;
/// TCPServer server(address, [&](StreamRequestHandler&) {
///   const std::lock_guard lock(mutex);
///   ++visits;
/// });
/// ```
/// Order: who asks while the mutex is free gets it, also ahead of those that wait, as they may take
/// long to get going. Among those that wait, the first that came is served first, and who is
/// overtaken a few times gets the mutex handed over: nobody starves.
/// Cost: one atomic operation to lock and one to unlock while nobody waits; never allocates.
/// Thread safety: every member from any flow; `unlock` only from the one that has it locked.
/// Lifetime: outlives every call; like a `std::mutex` it may be destroyed by the flow that unlocked
/// it last. Constant-initialised, so that it may be a global.
/// Source: Python `threading.Lock`.
class SOCKETSERVER_ANNOTATE(capability("mutex")) Mutex {
 public:
  constexpr Mutex() noexcept = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  /// Waits until the mutex is free and takes it. Requires: this flow does not have it.
  void lock() SOCKETSERVER_ANNOTATE(acquire_capability()) {
    if (!try_lock()) lock_contended();
  }

  /// Takes the mutex if it is free; never waits.
  [[nodiscard]] bool try_lock() noexcept SOCKETSERVER_ANNOTATE(try_acquire_capability(true)) {
    return take(kLocked);
  }

  /// Requires: this flow has the mutex.
  void unlock() noexcept SOCKETSERVER_ANNOTATE(release_capability()) {
    std::uint32_t alone = kLocked;
    if (!state_.compare_exchange_strong(alone, 0, std::memory_order_release,
                                        std::memory_order_relaxed)) {
      unlock_contended();
    }
  }

 private:
  static constexpr std::uint32_t kLocked = 1;
  static constexpr std::uint32_t kAwaited = 2;  // set exactly while waiters_ has nodes
  struct Contender;

  // Sets `bits`; whether that changed the mutex from free to locked.
  bool take(std::uint32_t bits) noexcept {
    return (state_.fetch_or(bits, std::memory_order_acquire) & kLocked) == 0;
  }
  void lock_contended() SOCKETSERVER_ANNOTATE(acquire_capability());
  void unlock_contended() noexcept SOCKETSERVER_ANNOTATE(release_capability());

  std::atomic<std::uint32_t> state_ = 0;
  detail::ThreadMutex guard_;
  detail::WaitList waiters_ SOCKETSERVER_GUARDED_BY(guard_);
};

}  // namespace socketserver
