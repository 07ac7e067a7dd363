#include <socketserver/base/flow.hpp>

#include <condition_variable>
#include <mutex>
#include <utility>

namespace socketserver {
namespace {

// The plain mutex and condition variable: they allocate nothing, so `current` cannot fail.
class ThreadFlow final : public Flow {
 public:
  bool park(Deadline deadline) override {
    std::unique_lock lock(mutex_);
    while (!permit_) {
      if (deadline.is_never()) {
        unparked_.wait(lock);
      } else if (deadline.expired()) {
        return false;
      } else {
        unparked_.wait_for(lock, deadline.remaining());
      }
    }
    permit_ = false;
    return true;
  }

  void unpark() noexcept override {
    // Notified under the lock: until it is released, the thread cannot leave `park` and end.
    const std::lock_guard lock(mutex_);
    permit_ = true;
    unparked_.notify_one();
  }

  bool is_thread() const noexcept override { return true; }

 private:
  std::mutex mutex_;
  std::condition_variable unparked_;
  bool permit_ = false;  // guarded by mutex_
};

// Null stands for the thread's own flow, which is made only when somebody asks for it.
constinit thread_local Flow* current_flow = nullptr;

}  // namespace

// Never inlined, lest a compiler keep the address of a thread's variable across a fiber switch.
[[gnu::noinline]] Flow& Flow::current() noexcept {
  if (current_flow) return *current_flow;
  thread_local ThreadFlow own;
  return own;
}

[[gnu::noinline]] Flow* Flow::exchange_current(Flow* flow) noexcept {
  return std::exchange(current_flow, flow);
}

}  // namespace socketserver
