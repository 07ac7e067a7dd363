#include "fiber/poller.hpp"

#include <cerrno>
#include <new>
#include <string>

#include <socketserver/base/error.hpp>

namespace socketserver::detail {
namespace {

constexpr unsigned kFiberEvents = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;

UniqueFd open_epoll() {
  UniqueFd fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!fd) throw_os_error(last_error(), "epoll_create1");
  return fd;
}

}  // namespace

Poller::Poller() : epoll_(open_epoll()) {}

bool Poller::make_room(int fd) noexcept {
  try {
    at(fd);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}

std::error_code Poller::control(int operation, int fd, unsigned events) noexcept {
  epoll_event event{};
  event.events = events;
  event.data.u64 = tag(fd);
  if (::epoll_ctl(epoll_.get(), operation, fd, &event) == 0) return {};
  return last_error();
}

std::error_code Poller::add(int fd, Descriptor& descriptor) noexcept {
  auto ec = control(EPOLL_CTL_ADD, fd, kFiberEvents);
  if (ec == std::errc::file_exists) {
    // It was forgotten and not closed. Edges may have been missed: modifying looks anew.
    ec = control(EPOLL_CTL_MOD, fd, kFiberEvents);
  }
  descriptor.always_ready = ec == std::errc::operation_not_permitted;
  if (ec && !descriptor.always_ready) return ec;
  descriptor.registered = true;
  return {};
}

void Poller::add_bell(int fd) {
  if (const auto ec = control(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET)) {
    throw_os_error(ec, "epoll_ctl");
  }
}

void Poller::watch(int fd) {
  auto ec = control(EPOLL_CTL_ADD, fd, EPOLLIN);
  if (ec == std::errc::file_exists) ec = control(EPOLL_CTL_MOD, fd, EPOLLIN);
  if (ec) throw_os_error(ec, "watch descriptor " + std::to_string(fd));
}

void Poller::unwatch(int fd) noexcept {
  // It may have been closed already, which unregistered it.
  control(EPOLL_CTL_DEL, fd, 0);
}

std::span<const epoll_event> Poller::poll(int timeout) {
  const int count =
      ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), timeout);
  if (count >= 0) return {events_.data(), static_cast<std::size_t>(count)};
  if (errno != EINTR) throw_os_error(last_error(), "epoll_wait");
  return {};
}

}  // namespace socketserver::detail
