#include <socketserver/net/socket.hpp>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include <socketserver/base/error.hpp>

#include "base/sigpipe.hpp"
#include "net/datagram_io.hpp"
#include "net/sockaddr.hpp"

namespace socketserver {
namespace {

const std::error_code kCancelled = std::make_error_code(std::errc::operation_canceled);

// What `recv` returns at most.
constexpr std::size_t kLargestRead = std::size_t{1} << 20;

// What one sendfile(2) moves at most, by its manual page.
constexpr std::uint64_t kLargestSendfile = 0x7ffff000;

bool would_block(int error) noexcept {
  return error == EAGAIN || error == EWOULDBLOCK;
}

/// Binds what a "" address means: every IPv6 address, which serves IPv4 too, or every IPv4 address.
void bind_any_dual_stack(int fd, int family, const Address& address) {
  std::array<std::uint8_t, 16> any{};
  const auto raw = family == AF_INET6 ? detail::to_sockaddr(Address::ipv6(any, address.port()))
                                      : detail::to_sockaddr(address);
  if (::bind(fd, raw.get(), raw.length) < 0) {
    throw_os_error(last_error(), "bind " + address.to_string());
  }
}

bool set_nonblocking(int fd) noexcept {
  const int flags = ::fcntl(fd, F_GETFL);
  return flags >= 0 && ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0;
}

/// Looks at the first byte that there is to read, without waiting; as recv(2).
ssize_t peek(int fd) noexcept {
  char first = 0;
  ssize_t got = 0;
  do {
    got = ::recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
  } while (got < 0 && errno == EINTR);
  return got;
}

template <class Call>
Address address_from(Call call, int fd, const char* name) {
  detail::SockAddr raw;
  raw.length = sizeof raw.storage;
  if (call(fd, raw.get(), &raw.length) < 0) throw_os_error(last_error(), name);
  return detail::from_sockaddr(raw);
}

}  // namespace

Socket::Socket(Socket&& other) noexcept
    : waiter_(other.waiter_),
      timeout_(other.timeout_),
      fd_(std::move(other.fd_)),
      failure_(other.failure_),
      maybe_readable_(other.maybe_readable_),
      fresh_(other.fresh_),
      non_blocking_(other.non_blocking_),
      waited_for_(other.waited_for_),
      mid_exchange_(other.mid_exchange_) {
  other.waited_for_ = false;
}

Socket& Socket::operator=(Socket&& other) noexcept {
  if (this == &other) return *this;
  close();
  waiter_ = other.waiter_;
  timeout_ = other.timeout_;
  fd_ = std::move(other.fd_);
  failure_ = other.failure_;
  maybe_readable_ = other.maybe_readable_;
  fresh_ = other.fresh_;
  non_blocking_ = other.non_blocking_;
  waited_for_ = other.waited_for_;
  mid_exchange_ = other.mid_exchange_;
  other.waited_for_ = false;
  return *this;
}

void Socket::forget() noexcept {
  if (waited_for_) waiter_->forget(fileno());
  waited_for_ = false;
}

void Socket::close() noexcept {
  forget();
  fd_.reset();
}

UniqueFd Socket::detach() noexcept {
  forget();
  return std::move(fd_);
}

void Socket::set_waiter(Waiter& waiter) noexcept {
  forget();
  waiter_ = &waiter;
}

Socket Socket::open(AddressFamily family, SocketType type) {
  const int kind = type == SocketType::stream ? SOCK_STREAM : SOCK_DGRAM;
  UniqueFd fd(::socket(detail::to_af(family), kind | SOCK_CLOEXEC, 0));
  if (!fd) throw_os_error(last_error(), "socket");
  return Socket(std::move(fd));
}

Socket Socket::connect(const Address& address, Deadline deadline, Waiter& waiter) {
  const auto raw = detail::to_sockaddr(address);
  Socket socket = open(address.family(), SocketType::stream);
  socket.set_waiter(waiter);
  const int fd = socket.fileno();
  const std::string action = "connect " + address.to_string();

  // Only a non-blocking connect can be given up at a deadline.
  const int flags = ::fcntl(fd, F_GETFL);
  ::fcntl(fd, F_SETFL, flags | O_NONBLOCK);
  if (::connect(fd, raw.get(), raw.length) < 0) {
    if (errno != EINPROGRESS && errno != EINTR) throw_os_error(last_error(), action);
    if (const auto ec = socket.wait(Interest::write, deadline)) throw_os_error(ec, action);
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) throw_os_error({error, std::system_category()}, action);
  }
  ::fcntl(fd, F_SETFL, flags);
  return socket;
}

void Socket::bind(const Address& address, bool ipv6_only) {
  const int family = detail::family_of(fileno());
  const bool both = address.is_any_dual_stack() || !ipv6_only;
  if (family == AF_INET6) set_option(IPPROTO_IPV6, IPV6_V6ONLY, both ? 0 : 1);
  if (address.is_any_dual_stack()) return bind_any_dual_stack(fileno(), family, address);
  const auto raw = detail::to_sockaddr(address);
  if (::bind(fileno(), raw.get(), raw.length) < 0) {
    throw_os_error(last_error(), "bind " + address.to_string());
  }
}

void Socket::listen(int backlog) {
  // A connection can vanish between the poll that announced it and the accept, which must not
  // block.
  if (::listen(fileno(), backlog) < 0 || !set_nonblocking(fileno())) {
    const auto code = last_error();
    throw_os_error(code, "listen " + getsockname().to_string());
  }
}

std::pair<Socket, Address> Socket::accept() {
  detail::SockAddr raw;
  for (;;) {
    raw.length = sizeof raw.storage;
    UniqueFd fd(::accept4(fileno(), raw.get(), &raw.length, SOCK_CLOEXEC));
    if (fd) return {Socket(std::move(fd)), detail::from_sockaddr(raw)};
    if (errno != EINTR) throw_os_error(last_error(), "accept");
  }
}

Address Socket::getsockname() const {
  return address_from(::getsockname, fileno(), "getsockname");
}

Address Socket::getpeername() const {
  return address_from(::getpeername, fileno(), "getpeername");
}

std::string Socket::recv(std::size_t n) {
  // However much a caller asks for: as much memory as one read is likely to fill.
  std::string data(std::min(n, kLargestRead), '\0');
  const IoResult result = read_some(data, Deadline::after(gettimeout()));
  if (result.ec) throw_os_error(result.ec, "recv");
  data.resize(result.n);
  return data;
}

void Socket::sendall(std::string_view data) {
  const Deadline deadline = Deadline::after(gettimeout());
  while (!data.empty()) {
    const IoResult result = write_some({&data, 1}, deadline);
    if (result.ec) throw_os_error(result.ec, "send");
    data.remove_prefix(result.n);
  }
}

std::size_t Socket::sendto(std::string_view data, const Address& address) const {
  const auto ec =
      detail::send_datagram(fileno(), data, address, Address(), Deadline::after(gettimeout()));
  if (ec) throw_os_error(ec, "sendto " + address.to_string());
  return data.size();
}

std::pair<std::string, Address> Socket::recvfrom(std::size_t n) {
  const Deadline deadline = Deadline::after(gettimeout());
  std::string buffer(std::min(n, detail::kLargestPacket), '\0');
  Datagram datagram;
  for (;;) {
    std::error_code ec = detail::receive_datagram(fileno(), buffer, false, datagram);
    if (!ec) return {std::move(datagram.data), std::move(datagram.sender)};
    if (ec == std::errc::resource_unavailable_try_again) ec = wait(Interest::read, deadline);
    if (ec) throw_os_error(ec, "recvfrom");
  }
}

void Socket::shutdown(Direction direction) noexcept {
  const int how = direction == Direction::read    ? SHUT_RD
                  : direction == Direction::write ? SHUT_WR
                                                  : SHUT_RDWR;
  ::shutdown(fileno(), how);
}

std::error_code Socket::wait(Interest interest, Deadline deadline) {
  // Nothing would ever happen on a descriptor that is no more.
  if (!fd_) return std::make_error_code(std::errc::bad_file_descriptor);
  const bool idle = interest == Interest::read && !mid_exchange_;
  waited_for_ = true;
  return waiter_->wait(fileno(), interest, deadline, idle);
}

bool Socket::has_input() noexcept {
  const ssize_t got = peek(fileno());
  fresh_ = false;
  maybe_readable_ = got >= 0;
  if (got >= 0 || would_block(errno)) return got >= 0;
  failure_ = static_cast<std::int16_t>(errno);  // the kernel tells an error only once
  return true;
}

bool Socket::at_end() const noexcept {
  const ssize_t got = peek(fileno());
  return got == 0 || (got < 0 && !would_block(errno));
}

std::error_code Socket::wait_readable(Deadline deadline) {
  if (may_block(deadline)) return {};
  if (fresh_ && has_input() && failure_ != 0) return failure();
  if (maybe_readable_ || waiter_->cancelled()) return {};
  const std::error_code ec = wait(Interest::read, deadline);
  if (ec == kCancelled) return {};  // read_some knows what that means
  if (ec) return failed(ec).ec;
  maybe_readable_ = true;
  return {};
}

IoResult Socket::try_read_some(std::span<char> into, Duration patience) {
  if (waiter_->cancelled()) return cancelled_read();
  for (bool waited = false;; waited = true) {
    if (maybe_readable_) {
      const ssize_t got = ::recv(fileno(), into.data(), into.size(), MSG_DONTWAIT);
      if (got >= 0) return finish_read(got, into.size());
      if (errno == EINTR) continue;
      if (!would_block(errno)) return failed(last_error());
      maybe_readable_ = false;
    }
    if (!fd_) return failed(std::make_error_code(std::errc::bad_file_descriptor));
    constexpr auto kNothing = std::errc::operation_would_block;
    if (waited || patience <= Duration::zero()) return {0, std::make_error_code(kNothing)};
    const auto ec = wait(Interest::read, Deadline::after(patience));
    if (ec == std::errc::timed_out) return {0, std::make_error_code(kNothing)};
    if (ec) return ec == kCancelled ? cancelled_read() : failed(ec);
    maybe_readable_ = true;
  }
}

IoResult Socket::read_some(std::span<char> into, Deadline deadline) {
  if (waiter_->cancelled()) return cancelled_read();
  for (;;) {
    if (maybe_readable_) {
      const ssize_t got = ::recv(fileno(), into.data(), into.size(), MSG_DONTWAIT);
      if (got >= 0) return finish_read(got, into.size());
      if (errno == EINTR) continue;
      if (!would_block(errno)) return failed(last_error());
    }
    if (may_block(deadline)) return read_blocking(into, deadline);
    if (const auto ec = wait(Interest::read, deadline)) {
      return ec == kCancelled ? cancelled_read() : failed(ec);
    }
    maybe_readable_ = true;
  }
}

bool Socket::may_block(Deadline deadline) const noexcept {
  return !non_blocking_ && deadline.is_never() && fd_ && waiter_->blocks_in_calls();
}

IoResult Socket::read_blocking(std::span<char> into, Deadline deadline) {
  Waiter::Call call{.fd = fileno(), .idle = !mid_exchange_};
  if (!waiter_->begin_call(call)) return cancelled_read();
  const ssize_t got = ::recv(fileno(), into.data(), into.size(), 0);
  const int error = errno;
  waiter_->end_call(call);
  if (got > 0) return finish_read(got, into.size());
  if (call.cut) return cancelled_read();
  if (got == 0) return finish_read(got, into.size());
  if (error == EINTR) return read_some(into, deadline);
  if (would_block(error)) {
    // Somebody has changed the socket's mode.
    non_blocking_ = true;
    return read_some(into, deadline);
  }
  return failed({error, std::system_category()});
}

IoResult Socket::finish_read(std::ptrdiff_t got, std::size_t wanted) noexcept {
  const auto n = static_cast<std::size_t>(got);
  maybe_readable_ = n == wanted || n == 0;
  mid_exchange_ = mid_exchange_ || n > 0;
  return {n, {}};
}

IoResult Socket::cancelled_read() noexcept {
  // A server that stops looks to its idle connections like a peer that has nothing more to say.
  return mid_exchange_ ? failed(kCancelled) : IoResult{};
}

IoResult Socket::failed(std::error_code code) noexcept {
  failure_ = static_cast<std::int16_t>(code.value());
  return {0, code};
}

IoResult Socket::write_some(std::span<const std::string_view> parts, Deadline deadline) {
  if (waiter_->cancelled()) return failed(kCancelled);
  for (;;) {
    const std::ptrdiff_t sent = send_now(parts);
    if (sent >= 0) return finish_write(sent);
    if (!would_block(errno)) return failed(last_error());
    if (const auto ec = wait(Interest::write, deadline)) return failed(ec);
  }
}

IoResult Socket::try_write_some(std::span<const std::string_view> parts) {
  if (waiter_->cancelled()) return failed(kCancelled);
  const std::ptrdiff_t sent = send_now(parts);
  if (sent >= 0) return finish_write(sent);
  return would_block(errno) ? IoResult{} : failed(last_error());
}

/// What goes of the parts at once, in one system call; −1 and errno when nothing does.
std::ptrdiff_t Socket::send_now(std::span<const std::string_view> parts) const noexcept {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  std::array<iovec, 16> vectors;
  msghdr message{};
  ssize_t sent = -1;
  if (parts.size() != 1) {
    const std::size_t count = std::min(parts.size(), vectors.size());
    for (std::size_t i = 0; i < count; ++i) {
      vectors[i] = {const_cast<char*>(parts[i].data()), parts[i].size()};
    }
    message.msg_iov = vectors.data();
    message.msg_iovlen = count;
  }
  do {
    // One part costs the kernel less when it is no message.
    sent = parts.size() == 1 ? ::send(fileno(), parts[0].data(), parts[0].size(), kFlags)
                             : ::sendmsg(fileno(), &message, kFlags);
  } while (sent < 0 && errno == EINTR);
  return sent;
}

IoResult Socket::send_file_some(int fd, std::uint64_t offset, std::uint64_t count,
                                Deadline deadline) {
  if (waiter_->cancelled()) return failed(kCancelled);
  // sendfile(2) has no MSG_DONTWAIT: only a non-blocking socket keeps the deadline.
  non_blocking_ = set_nonblocking(fileno());
  const auto wanted = static_cast<std::size_t>(std::min(count, kLargestSendfile));
  const detail::SigpipeBlock no_sigpipe;
  for (;;) {
    auto position = static_cast<off_t>(offset);
    const ssize_t sent = ::sendfile(fileno(), fd, &position, wanted);
    if (sent >= 0) return finish_write(sent);
    if (errno == EINTR) continue;
    // Some file systems have no pages to send.
    if (errno == EINVAL) return Stream::send_file_some(fd, offset, count, deadline);
    if (!would_block(errno)) return failed(last_error());
    if (const auto ec = wait(Interest::write, deadline)) return failed(ec);
  }
}

IoResult Socket::finish_write(std::ptrdiff_t written) noexcept {
  mid_exchange_ = false;
  return {static_cast<std::size_t>(written), {}};
}

void Socket::set_nodelay(bool on) noexcept {
  const int value = on ? 1 : 0;
  ::setsockopt(fileno(), IPPROTO_TCP, TCP_NODELAY, &value, sizeof value);
}

void Socket::set_option(int level, int name, int value) {
  if (::setsockopt(fileno(), level, name, &value, sizeof value) < 0) {
    throw_os_error(last_error(), "setsockopt");
  }
}

}  // namespace socketserver
