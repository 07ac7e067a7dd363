#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "floor/loops.hpp"
#include "support/sockets.hpp"

namespace socketserver::bench {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;
constexpr std::size_t kEventsPerTurn = 512;

/// What the requests that are complete in some input are answered with.
struct Answer {
  std::size_t consumed = 0;  ///< Bytes of input; 0: no request is complete.
  std::string_view bytes;
};

/// All complete lines at once.
Answer answer_lines(std::string_view input) {
  const std::size_t complete = input.rfind('\n') + 1;
  return {complete, input.substr(0, complete)};
}

/// A blank line, and nothing after it.
Answer answer_one_blank_line(std::string_view input) {
  return input.ends_with("\r\n\r\n") ? Answer{input.size(), kLastAnswer} : Answer{};
}

constexpr std::string_view kHttpAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!";

/// As many blank lines at once as there are answers ready.
Answer answer_blank_lines(std::string_view input) {
  constexpr std::size_t kMostAnswers = 64;
  static const std::string answers = [] {
    std::string text;
    for (std::size_t i = 0; i < kMostAnswers; ++i) text += kHttpAnswer;
    return text;
  }();
  constexpr std::string_view kBlankLine = "\r\n\r\n";
  std::size_t consumed = 0;
  std::size_t requests = 0;
  while (requests < kMostAnswers) {
    const std::size_t end = input.find(kBlankLine, consumed);
    if (end == input.npos) break;
    consumed = end + kBlankLine.size();
    ++requests;
  }
  return {consumed, std::string_view(answers).substr(0, requests * kHttpAnswer.size())};
}

/// False when the client is gone. The client reads whatever happens, so waiting here for room,
/// which is rare, cannot last.
bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno != EAGAIN) return false;
    pollfd room{fd, POLLOUT, 0};
    ::poll(&room, 1, -1);
  }
  return true;
}

/// Serves all connections on the calling thread.
///
/// Edge-triggered: level-triggered, the kernel would look at every served descriptor once more on
/// the next turn.
class EpollLoop {
 public:
  using Protocol = Answer (*)(std::string_view input);
  enum class Then { go_on, close };

  EpollLoop(std::uint16_t port, Protocol answer, Then then = Then::go_on)
      : answer_(answer),
        then_(then),
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
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == listener_.get()) {
          accept_all();
        } else if (!serve(event.data.fd, event.events)) {
          end(event.data.fd);
        }
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLRDHUP | EPOLLET;
    event.data.fd = fd;
    checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
  }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      watch(fd);
      const auto index = static_cast<std::size_t>(fd);
      if (index >= incomplete_.size()) incomplete_.resize(2 * index);
    }
  }

  void end(int fd) {
    // Frees the memory too.
    std::exchange(incomplete_[static_cast<std::size_t>(fd)], {});
    UniqueFd(fd).reset();
  }

  /// Serves what has arrived; false when the connection has ended.
  bool serve(int fd, std::uint32_t events) {
    // A short read has taken everything, unless the end came with it: that is no event of its own.
    const bool may_end = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    for (;;) {
      const ssize_t received = ::recv(fd, buffer_.data(), buffer_.size(), 0);
      if (received < 0) return errno == EAGAIN;
      if (received == 0) return false;
      const std::string_view input(buffer_.data(), static_cast<std::size_t>(received));
      if (!serve_input(fd, input)) return false;
      if (input.size() < buffer_.size() && !may_end) return true;
    }
  }

  bool serve_input(int fd, std::string_view input) {
    std::string& incomplete = incomplete_[static_cast<std::size_t>(fd)];
    std::string joined;
    if (!incomplete.empty()) {
      joined = std::exchange(incomplete, {}).append(input);
      input = joined;
    }
    for (Answer answer = answer_(input); answer.consumed > 0; answer = answer_(input)) {
      if (!send_all(fd, answer.bytes)) return false;
      if (then_ == Then::close) return false;
      input.remove_prefix(answer.consumed);
    }
    if (!input.empty()) incomplete = input;
    return true;
  }

  const Protocol answer_;
  const Then then_;
  const UniqueFd epoll_;
  const UniqueFd listener_;
  std::array<char, kBufferBytes> buffer_;
  std::vector<std::string> incomplete_;  ///< By descriptor: the beginning of a request.
};

}  // namespace

void echo_on_epoll(std::uint16_t port) {
  EpollLoop(port, answer_lines).run();
}

void http_on_epoll(std::uint16_t port) {
  EpollLoop(port, answer_blank_lines).run();
}

void http_close_all_on_epoll(std::uint16_t port) {
  EpollLoop(port, answer_one_blank_line, EpollLoop::Then::close).run();
}

}  // namespace socketserver::bench
