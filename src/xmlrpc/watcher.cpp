#include "xmlrpc/watcher.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <array>
#include <chrono>
#include <memory>
#include <utility>

#include <socketserver/base/scope_exit.hpp>

#include "base/per_process.hpp"

namespace socketserver::xmlrpc {
namespace {

using socketserver::detail::ThreadLock;
using socketserver::detail::WaitNode;

constexpr std::uint64_t kBell = 0;  // no wait has that number

bool add(const UniqueFd& epoll, int fd, std::uint32_t events, std::uint64_t number) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = number;
  return ::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

}  // namespace

Watcher& Watcher::shared() {
  static socketserver::detail::PerProcess<Watcher> shared;
  static const ScopeExit at_exit([]() noexcept {
    if (Watcher* const watcher = shared.find()) watcher->end_idle();
  });
  return shared.get([] { return std::make_unique<Watcher>(std::chrono::seconds(10)); });
}

std::optional<std::error_code> Watcher::wait(int fd, Interest interest, Deadline deadline) {
  const ThreadLock lock(mutex_);
  if (ending_ || !start()) return std::nullopt;
  WaitNode self;
  const auto place = waits_.emplace(++last_number_, &self).first;
  const std::uint32_t events = interest == Interest::read ? EPOLLIN | EPOLLRDHUP : EPOLLOUT;
  if (!add(epoll_, fd, events | EPOLLONESHOT, last_number_)) {
    waits_.erase(place);
    return std::nullopt;
  }
  const bool ready = self.wait(mutex_, deadline);
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  waits_.erase(place);
  return ready ? std::error_code() : std::make_error_code(std::errc::timed_out);
}

bool Watcher::start() {
  if (running_) return true;
  if (thread_.joinable()) thread_.join();  // it has ended and needs the mutex no more
  UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  UniqueFd bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll || !bell || !add(epoll, bell.get(), EPOLLIN, kBell)) return false;
  try {
    thread_ = std::thread([this, number = epoll.get()] { serve(number); });
  } catch (const std::system_error&) {
    return false;
  }
  epoll_ = std::move(epoll);
  bell_ = std::move(bell);
  return running_ = true;
}

void Watcher::serve(int epoll) {
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(idle_limit_).count();
  for (;;) {
    std::array<epoll_event, 64> events;
    const int count = ::epoll_wait(epoll, events.data(), events.size(), static_cast<int>(limit));
    const ThreadLock lock(mutex_);
    for (int i = 0; i < count; ++i) {
      const auto place = waits_.find(events[static_cast<std::size_t>(i)].data.u64);
      if (place != waits_.end()) place->second->wake();
    }
    if (waits_.empty() && (count == 0 || ending_)) {
      epoll_.reset();
      bell_.reset();
      running_ = false;
      return;
    }
  }
}

void Watcher::end_idle() noexcept {
  std::thread last;
  {
    const ThreadLock lock(mutex_);
    ending_ = true;
    if (!waits_.empty()) return;
    if (running_) ::eventfd_write(bell_.get(), 1);
    last = std::move(thread_);
  }
  if (last.joinable()) last.join();
}

bool Watcher::running() const {
  const ThreadLock lock(mutex_);
  return running_;
}

}  // namespace socketserver::xmlrpc
