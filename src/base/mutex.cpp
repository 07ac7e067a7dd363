#include <socketserver/base/mutex.hpp>

namespace socketserver {
namespace {

// Overtaking keeps the mutex busy while the flow that was woken gets going; more often than this it
// would be unfair.
constexpr int kMostLosses = 4;

}  // namespace

struct Mutex::Contender : detail::WaitNode {
  int losses = 0;      // how often it was woken and found the mutex taken again
  bool owner = false;  // the mutex was handed over to it, locked
};

void Mutex::lock_contended() {
  Contender self;
  const detail::ThreadLock lock(guard_);
  waiters_.push_back(self);
  // Announced in the same step that finds the mutex locked: whoever has it cannot unlock any more
  // without coming to `unlock_contended`.
  bool taken = take(kLocked | kAwaited);
  while (!taken) {
    self.wait(guard_, Deadline::never());
    taken = self.owner || take(kLocked);
    if (!taken) {
      self.woken = false;
      ++self.losses;
    }
  }
  waiters_.remove(self);
  if (waiters_.empty()) state_.fetch_and(~kAwaited, std::memory_order_relaxed);
}

void Mutex::unlock_contended() noexcept {
  // The first contender cannot return from `lock` before the guard is released, so until then
  // nobody may destroy the mutex, though it may be free already.
  const detail::ThreadLock lock(guard_);
  auto& first = static_cast<Contender&>(*waiters_.front());
  if (first.losses < kMostLosses) {
    state_.fetch_and(~kLocked, std::memory_order_release);
  } else {
    first.owner = true;
  }
  if (!first.woken) first.wake();
}

}  // namespace socketserver
