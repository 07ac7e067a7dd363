#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "floor/loops.hpp"
#include "support/sockets.hpp"

namespace socketserver::bench {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{8} * 1024;
constexpr std::size_t kEventsPerTurn = 512;

/// Serves connections that are closed after one request, on the calling thread.
///
/// A request comes in one piece, so that whatever was read is one; and its answer always finds
/// room.
class CloseLoop {
 public:
  explicit CloseLoop(std::uint16_t port)
      : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        listener_(listen_on_loopback(port, SOCK_NONBLOCK)) {
    watch(listener_.get());
    announce(listener_.get());
  }

  [[noreturn]] void run() {
    std::array<epoll_event, kEventsPerTurn> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == listener_.get()) {
          accept_all();
        } else if (serve(fd)) {
          UniqueFd(fd).reset();
        }
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.fd = fd;
    checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      UniqueFd connection(
          ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!connection) return;
      // Most requests are here already; only who must wait is told to the kernel.
      if (!serve(connection.get())) watch(connection.release());
    }
  }

  /// False when the request has not arrived yet; otherwise nothing is left to do but to close.
  bool serve(int fd) {
    const ssize_t received = ::recv(fd, buffer_.data(), buffer_.size(), 0);
    if (received < 0 && errno == EAGAIN) return false;
    if (received > 0) ::send(fd, kLastAnswer.data(), kLastAnswer.size(), MSG_NOSIGNAL);
    return true;
  }

  const UniqueFd epoll_;
  const UniqueFd listener_;
  std::array<char, kBufferBytes> buffer_;
};

}  // namespace

void http_close_on_epoll(std::uint16_t port) {
  CloseLoop(port).run();
}

}  // namespace socketserver::bench
