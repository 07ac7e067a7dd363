#include <socketserver/base/condition_variable.hpp>

#include <stdexcept>

namespace socketserver {

std::cv_status ConditionVariable::wait_until(std::unique_lock<Mutex>& lock, Deadline deadline) {
  if (!lock.owns_lock()) throw std::logic_error("wait: the lock does not own its mutex");

  detail::WaitNode self;
  {
    // On the list before the mutex is free: what is changed from then on is also notified here.
    const detail::ThreadLock guard(guard_);
    waiters_.push_back(self);
  }
  lock.unlock();
  bool notified = false;
  {
    const detail::ThreadLock guard(guard_);
    notified = self.wait(guard_, deadline);
    if (!notified) waiters_.remove(self);
  }
  lock.lock();
  return notified ? std::cv_status::no_timeout : std::cv_status::timeout;
}

void ConditionVariable::notify_one() noexcept {
  const detail::ThreadLock guard(guard_);
  if (!waiters_.empty()) wake_first();
}

void ConditionVariable::notify_all() noexcept {
  const detail::ThreadLock guard(guard_);
  while (!waiters_.empty()) wake_first();
}

void ConditionVariable::wake_first() noexcept {
  detail::WaitNode& first = *waiters_.front();
  waiters_.remove(first);
  first.wake();
}

}  // namespace socketserver
