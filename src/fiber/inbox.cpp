#include "fiber/inbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <utility>

#include <socketserver/base/error.hpp>

#include "fiber/fiber.hpp"

namespace socketserver::detail {
namespace {

UniqueFd open_bell() {
  UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) throw_os_error(last_error(), "eventfd");
  return fd;
}

}  // namespace

Inbox::Inbox() : bell_(open_bell()) {}

void Inbox::post(std::function<void()> function) {
  {
    const ThreadLock lock(mutex_);
    posted_.push_back(std::move(function));
  }
  ring();
}

void Inbox::unpark(Fiber& fiber) noexcept {
  if (fiber.in_inbox.exchange(true, std::memory_order_acq_rel)) return;
  Fiber* last = unparked_.load(std::memory_order_relaxed);
  do {
    fiber.next_in_inbox = last;
  } while (!unparked_.compare_exchange_weak(last, &fiber, std::memory_order_release,
                                            std::memory_order_relaxed));
  ring();
}

void Inbox::notify() noexcept {
  notified_.store(true, std::memory_order_release);
  ring();
}

void Inbox::ring() noexcept {
  if (rung_.exchange(true, std::memory_order_acq_rel)) return;
  const int saved_errno = errno;
  const std::uint64_t one = 1;
  // Never read, so never blocked: each write is a new edge.
  [[maybe_unused]] const auto written = ::write(bell_.get(), &one, sizeof one);
  errno = saved_errno;
}

std::vector<std::function<void()>> Inbox::take_posted() {
  const ThreadLock lock(mutex_);
  return std::exchange(posted_, {});
}

Fiber* Inbox::take_unparked() noexcept {
  Fiber* in_order = nullptr;
  Fiber* last = unparked_.exchange(nullptr, std::memory_order_acquire);
  while (last) {
    Fiber* const before = std::exchange(last->next_in_inbox, in_order);
    in_order = std::exchange(last, before);
  }
  return in_order;
}

bool Inbox::take_notification() noexcept {
  return notified_.load(std::memory_order_relaxed) &&
         notified_.exchange(false, std::memory_order_acq_rel);
}

}  // namespace socketserver::detail
