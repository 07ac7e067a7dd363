#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "floor/loops.hpp"
#include "support/sockets.hpp"

namespace socketserver::bench {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} * 1024;
constexpr std::size_t kEventsPerTurn = 512;

/// A whole response with the contents of the file.
std::string answer_with(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  file.exceptions(std::ios::badbit | std::ios::failbit);
  const std::string body(std::istreambuf_iterator<char>(file), {});
  return "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// How long the request is that begins here, head and body; 0: not to be told.
std::size_t size_of_request(std::string_view input) {
  constexpr std::string_view kBlankLine = "\r\n\r\n";
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  const std::size_t end = input.find(kBlankLine);
  const std::size_t field = input.substr(0, end).find(kLength);
  if (end == input.npos || field == input.npos) return 0;

  std::size_t length = 0;
  std::from_chars(&input[field + kLength.size()], &input[end], length);
  return end + kBlankLine.size() + length;
}

/// Counts the bytes of every POST and answers with the same response, on the calling thread.
///
/// The head of a request comes in one piece, and no next request before its answer is complete.
class PostLoop {
 public:
  PostLoop(std::uint16_t port, const std::string& path)
      : answer_(answer_with(path)),
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
  struct Connection {
    std::size_t due = 0;  ///< Bytes of the request that are still to come; 0 between requests.
    std::string_view unsent;
  };

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
      if (index >= connections_.size()) connections_.resize(2 * index);
      connections_[index] = {};
      watch(fd);
    }
  }

  /// Goes on with an answer, or with a request and then its answer; false when the connection has
  /// ended.
  bool serve(int fd) {
    Connection& connection = connections_[static_cast<std::size_t>(fd)];
    while (connection.unsent.empty()) {
      const ssize_t received = ::recv(fd, buffer_.data(), buffer_.size(), 0);
      if (received < 0) return errno == EAGAIN;
      const std::string_view input(buffer_.data(), static_cast<std::size_t>(received));
      if (connection.due == 0) connection.due = size_of_request(input);
      if (input.empty() || input.size() > connection.due) return false;
      connection.due -= input.size();
      if (connection.due == 0) {
        connection.unsent = answer_;
      } else if (input.size() < buffer_.size()) {
        return true;  // a short read has taken everything
      }
    }
    while (!connection.unsent.empty()) {
      const ssize_t sent =
          ::send(fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
      if (sent < 0) return errno == EAGAIN;  // EPOLLOUT tells when there is room
      connection.unsent.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  const std::string answer_;
  const UniqueFd epoll_;
  const UniqueFd listener_;
  std::array<char, kBufferBytes> buffer_;
  std::vector<Connection> connections_;  ///< By descriptor.
};

}  // namespace

void post_on_epoll(std::uint16_t port, const std::string& path) {
  PostLoop(port, path).run();
}

}  // namespace socketserver::bench
