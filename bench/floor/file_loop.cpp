#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "floor/loops.hpp"
#include "support/sockets.hpp"

namespace socketserver::bench {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{8} * 1024;
constexpr std::size_t kEventsPerTurn = 512;

/// What is sent: a head and a file.
struct File {
  explicit File(const std::string& path)
      : fd(checked(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open " + path)) {
    struct stat status {};
    checked(::fstat(fd.get(), &status), "stat " + path);
    size = status.st_size;
    head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: " +
           std::to_string(size) + "\r\n\r\n";
  }

  UniqueFd fd;
  off_t size = 0;
  std::string head;
};

/// Answers on all connections with the same file, on the calling thread.
///
/// A request comes in one piece, and no next one before its answer is complete.
class FileLoop {
 public:
  FileLoop(std::uint16_t port, const std::string& path)
      : file_(path),
        epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
        listener_(listen_on_loopback(port, SOCK_NONBLOCK)) {
    // Connections inherit it; no answer may wait for the client to acknowledge the one before.
    const int on = 1;
    checked(::setsockopt(listener_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
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
        } else if (!serve(fd)) {
          UniqueFd(fd).reset();
        }
      }
    }
  }

 private:
  static constexpr off_t kNothing = -1;

  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.fd = fd;
    checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const auto index = static_cast<std::size_t>(fd);
      if (index >= sent_.size()) sent_.resize(2 * index);
      sent_[index] = kNothing;
      watch(fd);
    }
  }

  /// Goes on with an answer, or reads a request and begins one; false when the connection has
  /// ended.
  bool serve(int fd) {
    off_t& sent = sent_[static_cast<std::size_t>(fd)];
    if (sent == kNothing) {
      const ssize_t received = ::recv(fd, buffer_.data(), buffer_.size(), 0);
      if (received < 0) return errno == EAGAIN;
      const std::string_view input(buffer_.data(), static_cast<std::size_t>(received));
      if (!input.ends_with("\r\n\r\n")) return false;
      // With the beginning of the file in one packet.
      if (::send(fd, file_.head.data(), file_.head.size(), MSG_NOSIGNAL | MSG_MORE) < 0)
        return false;
      sent = 0;
    }
    while (sent < file_.size) {
      const auto rest = static_cast<std::size_t>(file_.size - sent);
      const ssize_t count = ::sendfile(fd, file_.fd.get(), &sent, rest);
      if (count < 0) return errno == EAGAIN;  // EPOLLOUT tells when there is room
      if (count == 0) return false;           // the file has become shorter
    }
    sent = kNothing;
    return true;
  }

  const File file_;
  const UniqueFd epoll_;
  const UniqueFd listener_;
  std::array<char, kBufferBytes> buffer_;
  std::vector<off_t> sent_;  ///< By descriptor: bytes of the file, or kNothing between answers.
};

}  // namespace

void file_on_epoll(std::uint16_t port, const std::string& path) {
  FileLoop(port, path).run();
}

}  // namespace socketserver::bench
