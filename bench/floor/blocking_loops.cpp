#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <thread>
#include <utility>

#include "floor/loops.hpp"
#include "support/sockets.hpp"

namespace socketserver::bench {
namespace {

constexpr std::size_t kDatagramBytes = std::size_t{64} * 1024;
constexpr std::size_t kLineBytes = std::size_t{8} * 1024;

/// Sends the next line of a connection back; false when there is none. A longer one than the buffer
/// is dropped.
bool echo_one_line(int fd) {
  std::array<char, kLineBytes> line;
  std::size_t size = 0;
  while (size < line.size()) {
    char* const end = line.data() + size;
    const ssize_t received = ::recv(fd, end, line.size() - size, 0);
    if (received <= 0) return false;
    size += static_cast<std::size_t>(received);
    if (std::string_view(end, static_cast<std::size_t>(received)).find('\n') ==
        std::string_view::npos)
      continue;
    // A blocking send takes all of it.
    return ::send(fd, line.data(), size, MSG_NOSIGNAL) > 0;
  }
  return false;
}

UniqueFd accept_from(const UniqueFd& listener) {
  return UniqueFd(checked(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC), "accept4"));
}

}  // namespace

void echo_datagrams(std::uint16_t port) {
  const UniqueFd socket = bind_datagrams_to_loopback(port);
  announce(socket.get());
  std::array<char, kDatagramBytes> datagram;
  for (;;) {
    sockaddr_in peer;
    socklen_t peer_size = sizeof peer;
    auto* const address = reinterpret_cast<sockaddr*>(&peer);
    const ssize_t size =
        ::recvfrom(socket.get(), datagram.data(), datagram.size(), 0, address, &peer_size);
    if (size < 0) continue;  // a peer that is gone; its error belongs to no datagram
    ::sendto(socket.get(), datagram.data(), static_cast<std::size_t>(size), 0, address, peer_size);
  }
}

void echo_on_threads(std::uint16_t port) {
  const UniqueFd listener = listen_on_loopback(port);
  announce(listener.get());
  for (;;) {
    std::thread([connection = accept_from(listener)] { echo_one_line(connection.get()); }).detach();
  }
}

void echo_on_standing_threads(std::uint16_t port) {
  const UniqueFd listener = listen_on_loopback(port);
  announce(listener.get());
  for (;;) {
    std::thread([connection = accept_from(listener)] {
      while (echo_one_line(connection.get())) {
      }
    }).detach();
  }
}

void echo_on_forks(std::uint16_t port) {
  UniqueFd listener = listen_on_loopback(port);
  announce(listener.get());
  for (;;) {
    const UniqueFd connection = accept_from(listener);
    if (checked(::fork(), "fork") == 0) {
      listener.reset();
      echo_one_line(connection.get());
      ::_exit(0);
    }
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {
    }
  }
}

}  // namespace socketserver::bench
