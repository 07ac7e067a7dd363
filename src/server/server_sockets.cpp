// The sockets of a BaseServer: opening, binding, and taking turns when there are several.

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

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

/// Looks whether an inherited socket will do, and keeps other programs from inheriting it.
///
/// @throws std::invalid_argument when the descriptor is a socket of another type.
void take_inherited(const Socket& socket, SocketType type) {
  const int fd = socket.fileno();
  int kind = 0;
  socklen_t length = sizeof kind;
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &kind, &length) < 0 ||
      ::fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
    const auto code = last_error();
    throw_os_error(code, "inherited descriptor " + std::to_string(fd));
  }
  if (kind != (type == SocketType::stream ? SOCK_STREAM : SOCK_DGRAM)) {
    throw std::invalid_argument("inherited descriptor " + std::to_string(fd) +
                                " is a socket of another type than the server's");
  }
}

bool is_ipv4_wildcard(const Address& address) {
  return address.family() == AddressFamily::inet && address.is_unspecified() &&
         !address.is_any_dual_stack();
}

bool is_ipv6_only(const ServerOptions& options, const Address& server_address) {
  // Both could not be had otherwise.
  const bool has_ipv4 = is_ipv4_wildcard(server_address) ||
                        std::ranges::any_of(options.more_addresses, is_ipv4_wildcard);
  return options.ipv6_only.value_or(has_ipv4);
}

/// "" keeps showing as 0.0.0.0, which it also is.
Address bound_address(const Socket& socket, const Address& wanted) {
  const Address bound = socket.getsockname();
  return wanted.is_any_dual_stack() ? wanted.with_port(bound.port()) : bound;
}

}  // namespace

void BaseServer::open_sockets() {
  // All of those that are ours already, before anything can fail.
  if (options_.inherited_fd) socket_ = Socket{UniqueFd(*options_.inherited_fd)};
  std::vector<Socket> inherited(options_.more_inherited_fds.size());
  for (std::size_t i = 0; i < inherited.size(); ++i) {
    inherited[i] = Socket{UniqueFd(options_.more_inherited_fds[i])};
  }
  more_sockets_ = std::move(inherited);

  if (options_.inherited_fd) {
    take_inherited(socket_, socket_type_);
  } else {
    socket_ = open_socket(server_address_, socket_type_);
  }
  for (const Socket& socket : more_sockets_) take_inherited(socket, socket_type_);
  more_addresses_.resize(more_sockets_.size());
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
  const std::size_t inherited = options_.more_inherited_fds.size();
  for (std::size_t i = 0; i < more_sockets_.size(); ++i) {
    if (i < inherited) {
      more_addresses_[i] = more_sockets_[i].getsockname();
    } else {
      bind_socket(more_sockets_[i], more_addresses_[i]);
    }
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
    socket.bind(address, is_ipv6_only(options_, server_address_));
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
