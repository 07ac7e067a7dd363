#include "support/sockets.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <iostream>
#include <string>

namespace socketserver::bench {
namespace {

UniqueFd bind_to_loopback(int type, std::uint16_t port) {
  UniqueFd fd(checked(::socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket"));
  const int on = 1;
  checked(::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "SO_REUSEADDR");
  const sockaddr_in address = loopback(port);
  checked(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
          "bind 127.0.0.1:" + std::to_string(port));
  return fd;
}

}  // namespace

sockaddr_in loopback(std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

UniqueFd listen_on_loopback(std::uint16_t port, int flags) {
  UniqueFd fd = bind_to_loopback(SOCK_STREAM | flags, port);
  checked(::listen(fd.get(), SOMAXCONN), "listen");
  return fd;
}

UniqueFd bind_datagrams_to_loopback(std::uint16_t port) {
  return bind_to_loopback(SOCK_DGRAM, port);
}

void announce(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  checked(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
  std::cout << "ready " << ntohs(address.sin_port) << std::endl;
}

}  // namespace socketserver::bench
