#include "server/thread_waiter.hpp"

#include <sys/socket.h>

namespace socketserver::detail {

bool ThreadWaiter::ends(const Call& call) const noexcept {
  return loop_.stop_asked() && (call.idle || loop_.cancelled());
}

bool ThreadWaiter::begin_call(Call& call) noexcept {
  const ThreadLock lock(mutex_);
  // A stop that comes later finds the call in the list.
  if (ends(call)) return false;
  call.next = first_;
  if (first_ != nullptr) first_->previous = &call;
  first_ = &call;
  return true;
}

void ThreadWaiter::end_call(Call& call) noexcept {
  const ThreadLock lock(mutex_);
  if (call.next != nullptr) call.next->previous = call.previous;
  (call.previous != nullptr ? call.previous->next : first_) = call.next;
}

void ThreadWaiter::cut_waits() {
  // Under the lock none of these descriptors can be closed, and its number mean another.
  const ThreadLock lock(mutex_);
  for (Call* call = first_; call != nullptr; call = call->next) {
    if (call->cut || !ends(*call)) continue;
    call->cut = true;
    ::shutdown(call->fd, SHUT_RD);
  }
}

}  // namespace socketserver::detail
