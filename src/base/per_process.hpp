#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <memory>

namespace socketserver::detail {

/// One object of a process, made when it is first asked for. A forked child has none of its
/// parent's threads, and of what they share it has whatever state that was in: it gets an object of
/// its own.
///
/// Thread safety: every member from any flow.
/// Lifetime: the object is never destroyed, for whoever calls exit() may do so while others use it.
template <class T>
class PerProcess {
 public:
  /// The object of this process; `make()` returns a new one as std::unique_ptr.
  template <class Make>
  T& get(const Make& make) {
    Owned* known = newest_.load(std::memory_order_acquire);
    if (is_mine(known)) return *known->object;
    auto fresh = std::make_unique<Owned>(::getpid(), known, make());
    while (!newest_.compare_exchange_weak(known, fresh.get(), std::memory_order_acq_rel)) {
      if (is_mine(known)) return *known->object;  // another thread was faster
    }
    return *fresh.release()->object;
  }

  /// The object of this process; null when nobody has asked for it.
  T* find() const noexcept {
    const Owned* const known = newest_.load(std::memory_order_acquire);
    return is_mine(known) ? known->object.get() : nullptr;
  }

 private:
  struct Owned {
    pid_t process;
    Owned* parents;  // kept, so that no leak is reported
    std::unique_ptr<T> object;
  };

  static bool is_mine(const Owned* owned) noexcept {
    return owned != nullptr && owned->process == ::getpid();
  }

  std::atomic<Owned*> newest_ = nullptr;
};

}  // namespace socketserver::detail
