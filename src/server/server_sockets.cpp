// The sockets of a BaseServer: opening, binding, and taking turns when there are several.

#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <stdexcept>
#include <string>

#include <socketserver/base/error.hpp>
#include <socketserver/server/base_server.hpp>

#include "server/entrance.hpp"
#include "server/parking.hpp"
#include "server/unix_socket_file.hpp"

namespace socketserver {
namespace {

/// For "" a socket that serves both IP versions where the machine can.
Socket open_socket(const Address& address, SocketType type) {
  if (address.is_any_dual_stack()) {
    try {
      return Socket::open(AddressFamily::inet6, type);
    } catch (const OSError& error) {
      if (error.code() != std::errc::address_family_not_supported) throw;
    }
  }
  return Socket::open(address.family(), type);
}

/// @throws std::invalid_argument when the descriptor is a socket of another type.
Socket adopt_socket(int fd, SocketType type) {
  Socket socket{UniqueFd(fd)};
  int kind = 0;
  socklen_t length = sizeof kind;
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &length) < 0) {
    const auto code = last_error();
    throw_os_error(code, "inherited descriptor " + std::to_string(fd));
  }
  if (kind != (type == SocketType::stream ? SOCK_STREAM : SOCK_DGRAM)) {
    throw std::invalid_argument("inherited descriptor " + std::to_string(fd) +
                                " is a socket of another type than the server's");
  }
  return socket;
}

/// "" keeps showing as 0.0.0.0, which it also is.
Address bound_address(const Socket& socket, const Address& wanted) {
  const Address bound = socket.getsockname();
  return wanted.is_any_dual_stack() ? wanted.with_port(bound.port()) : bound;
}

}  // namespace

void BaseServer::open_sockets() {
  if (options_.inherited_fd) {
    socket_ = adopt_socket(*options_.inherited_fd, socket_type_);
  } else {
    socket_ = open_socket(server_address_, socket_type_);
  }
  for (const Address& address : options_.more_addresses) {
    more_sockets_.push_back(open_socket(address, socket_type_));
    more_addresses_.push_back(address);
  }
}

void BaseServer::bind_sockets() {
  if (options_.inherited_fd) {
    server_address_ = socket_.getsockname();
  } else {
    bind_socket(socket_, server_address_);
  }
  for (std::size_t i = 0; i < more_sockets_.size(); ++i) {
    bind_socket(more_sockets_[i], more_addresses_[i]);
  }
  if (!more_sockets_.empty()) join_sockets();
}

void BaseServer::bind_socket(Socket& socket, Address& address) {
  if (address.family() == AddressFamily::unix_domain) {
    socket_files_.reserve(socket_files_.size() + 1);  // what is bound must be on record
    socket_files_.push_back(detail::UnixSocketFile::bind(socket, address, socket_type_, options_));
  } else {
    if (allow_reuse_address()) socket.set_option(SOL_SOCKET, SO_REUSEADDR, 1);
    if (options_.allow_reuse_port) socket.set_option(SOL_SOCKET, SO_REUSEPORT, 1);
    socket.bind(address);
  }
  address = bound_address(socket, address);
}

void BaseServer::join_sockets() {
  all_sockets_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!all_sockets_) throw_os_error(last_error(), "epoll_create1");
  for (std::size_t i = 0; i < socket_count(); ++i) {
    epoll_event event{.events = EPOLLIN, .data = {}};
    if (::epoll_ctl(all_sockets_.get(), EPOLL_CTL_ADD, socket(i).fileno(), &event) < 0) {
      throw_os_error(last_error(), "epoll_ctl");
    }
  }
}

void BaseServer::leave_listeners() noexcept {
  if (socket_type_ == SocketType::stream) forget_sockets();
  if (parking_) parking_->leave();
  entrance_->refusals.leave();
}

void BaseServer::forget_sockets() noexcept {
  all_sockets_.reset();
  socket_.close();
  more_sockets_.clear();
}

void BaseServer::close_sockets() noexcept {
  forget_sockets();
  if (options_.unlink_on_close) {
    for (const detail::UnixSocketFile& file : socket_files_) file.unlink();
  }
  socket_files_.clear();
}

std::vector<Address> BaseServer::server_addresses() const {
  std::vector<Address> all = {server_address_};
  all.insert(all.end(), more_addresses_.begin(), more_addresses_.end());
  return all;
}

std::size_t BaseServer::ready_socket() {
  if (socket_count() == 1) return 0;
  for (std::size_t tried = 0; tried < socket_count(); ++tried) {
    const std::size_t index = next_socket_++ % socket_count();
    pollfd entry{socket(index).fileno(), POLLIN, 0};
    if (::poll(&entry, 1, 0) > 0) return index;
  }
  return 0;
}

}  // namespace socketserver
