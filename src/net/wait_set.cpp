#include "net/wait_set.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include <socketserver/base/error.hpp>

namespace socketserver::detail {
namespace {

UniqueFd open_epoll() {
  UniqueFd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd) throw_os_error(last_error(), "epoll_create1");
  return fd;
}

}  // namespace

WaitSet::WaitSet(Waiter& waiter) : waiter_(waiter), epoll_(open_epoll()) {}

WaitSet::~WaitSet() {
  waiter_.forget(epoll_.get());
}

WaitSet::Member* WaitSet::find(int fd) noexcept {
  const auto found = std::ranges::find(members_, fd, &Member::fd);
  return found == members_.end() ? nullptr : &*found;
}

void WaitSet::want(int fd, Interests interests) {
  Member* member = find(fd);
  const bool joins = member == nullptr;
  if (joins) member = find(-1);
  if (member == nullptr) throw std::logic_error("WaitSet: too many descriptors");
  if (!joins && member->interests == interests) return;
  epoll_event event{};
  event.events = (interests.read ? EPOLLIN : 0U) | (interests.write ? EPOLLOUT : 0U);
  event.data.fd = fd;
  if (::epoll_ctl(epoll_.get(), joins ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) < 0) {
    throw_os_error(last_error(), "epoll_ctl");
  }
  *member = {.fd = fd, .interests = interests, .ready = member->ready};
}

void WaitSet::remove(int fd) noexcept {
  Member* const member = fd < 0 ? nullptr : find(fd);
  if (member == nullptr) return;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  *member = {};
}

std::error_code WaitSet::wait(Deadline deadline) {
  if (waiter_.cancelled()) return std::make_error_code(std::errc::operation_canceled);
  // Asked first: whoever waits for edges must know that nothing is left from before.
  while (!look()) {
    const auto ec = waiter_.wait_for_any(epoll_.get(), deadline);
    if (ec) return ec;
  }
  return {};
}

/// Takes what is ready now; whether anything is.
bool WaitSet::look() {
  for (Member& member : members_) member.ready = {};
  std::array<epoll_event, kMost> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
  if (count < 0 && errno != EINTR) throw_os_error(last_error(), "epoll_wait");
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    Member* const member = find(event.data.fd);
    if (member == nullptr) continue;
    const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    member->ready = {.readable = broken || (event.events & EPOLLIN) != 0,
                     .writable = broken || (event.events & EPOLLOUT) != 0,
                     .broken = broken};
  }
  return count > 0;
}

WaitSet::Readiness WaitSet::ready(int fd) const noexcept {
  const auto found = std::ranges::find(members_, fd, &Member::fd);
  return fd < 0 || found == members_.end() ? Readiness{} : found->ready;
}

}  // namespace socketserver::detail
