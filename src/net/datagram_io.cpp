#include "net/datagram_io.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <socketserver/base/error.hpp>
#include <socketserver/base/sleep.hpp>

#include "net/sockaddr.hpp"

namespace socketserver::detail {
namespace {

constexpr Duration kFirstRetry = std::chrono::microseconds(200);
constexpr Duration kSlowestRetry = std::chrono::milliseconds(20);

/// Room for the one control message that says which address a packet was sent to or leaves from.
union ControlBuffer {
  cmsghdr header;  // for its alignment
  std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
};

template <class T>
T payload(const cmsghdr& message) noexcept {
  T value;
  std::memcpy(&value, CMSG_DATA(&message), sizeof value);
  return value;
}

Address destination_of(msghdr& message) {
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      std::array<std::uint8_t, 4> bytes{};
      const auto info = payload<in_pktinfo>(*c);
      std::memcpy(bytes.data(), &info.ipi_addr, bytes.size());
      return Address::ipv4(bytes, 0);
    }
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      std::array<std::uint8_t, 16> bytes{};
      const auto info = payload<in6_pktinfo>(*c);
      std::memcpy(bytes.data(), &info.ipi6_addr, bytes.size());
      return Address::ipv6(bytes, 0, 0, info.ipi6_ifindex);
    }
  }
  return {};
}

template <class T>
void set_control(msghdr& message, ControlBuffer& control, int level, int type, const T& value) {
  message.msg_control = control.bytes.data();
  message.msg_controllen = CMSG_SPACE(sizeof value);
  control.header.cmsg_level = level;
  control.header.cmsg_type = type;
  control.header.cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(&control.header), &value, sizeof value);
}

/// Has the packet leave from `from`.
void set_source(msghdr& message, ControlBuffer& control, const Address& from) {
  const auto bytes = from.ip_bytes();
  if (from.family() == AddressFamily::inet) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, bytes.data(), bytes.size());
    set_control(message, control, IPPROTO_IP, IP_PKTINFO, info);
  } else if (from.family() == AddressFamily::inet6) {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, bytes.data(), bytes.size());
    info.ipi6_ifindex = from.scope_id();
    set_control(message, control, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

/// As receive_datagram, by the system call that costs less.
std::error_code receive_plain(int fd, std::span<char> buffer, Datagram& into) {
  SockAddr sender;
  for (;;) {
    sender.length = sizeof sender.storage;
    // With MSG_TRUNC the result is the packet's own length.
    const ssize_t got = ::recvfrom(fd, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_TRUNC,
                                   sender.get(), &sender.length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error();
    const auto length = static_cast<std::size_t>(got);
    into.data.assign(buffer.data(), std::min(length, buffer.size()));
    into.truncated = length > buffer.size();
    into.sender = from_sockaddr(sender);
    return {};
  }
}

/// One attempt to send; as sendmsg(2).
ssize_t send_once(int fd, std::string_view data, SockAddr& to, const Address& from) {
  constexpr int kFlags = MSG_DONTWAIT | MSG_NOSIGNAL;
  if (from.family() == AddressFamily::unspecified) {
    return ::sendto(fd, data.data(), data.size(), kFlags, to.get(), to.length);
  }
  ControlBuffer control{};
  iovec vector{const_cast<char*>(data.data()), data.size()};
  msghdr message{};
  message.msg_name = to.get();
  message.msg_namelen = to.length;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  set_source(message, control, from);
  return ::sendmsg(fd, &message, kFlags);
}

}  // namespace

void want_destinations(int fd) {
  const int on = 1;
  const bool v6 = family_of(fd) == AF_INET6;
  const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
  const int name = v6 ? IPV6_RECVPKTINFO : IP_PKTINFO;
  if (::setsockopt(fd, level, name, &on, sizeof on) < 0) throw_os_error(last_error(), "setsockopt");
}

std::error_code receive_datagram(int fd, std::span<char> buffer, bool tells_destination,
                                 Datagram& into) {
  if (!tells_destination) return receive_plain(fd, buffer, into);
  SockAddr sender;
  ControlBuffer control;
  iovec vector{buffer.data(), buffer.size()};
  msghdr message{};
  message.msg_name = sender.get();
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  for (;;) {
    message.msg_namelen = sizeof sender.storage;
    message.msg_control = control.bytes.data();
    message.msg_controllen = control.bytes.size();
    const ssize_t got = ::recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error();
    sender.length = message.msg_namelen;
    into.data.assign(buffer.data(), static_cast<std::size_t>(got));
    into.truncated = (message.msg_flags & MSG_TRUNC) != 0;
    into.sender = from_sockaddr(sender);
    into.destination = destination_of(message);
    return {};
  }
}

std::error_code send_datagram(int fd, std::string_view data, const Address& to, const Address& from,
                              Deadline deadline, Duration longest) {
  SockAddr address = to_sockaddr(to);  // an IPv6 socket takes IPv4 addresses too
  Duration retry = Duration::zero();   // before the first attempt there is no need for the time
  for (;;) {
    if (send_once(fd, data, address, from) >= 0) return {};
    if (errno == EINTR) continue;
    // An address that many listen to, or one that is gone: the system chooses another one then.
    const bool from_nobody = errno == EINVAL || errno == ENETUNREACH || errno == EADDRNOTAVAIL;
    if (from_nobody && from.family() != AddressFamily::unspecified) {
      return send_datagram(fd, data, to, Address(), deadline, longest);
    }
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS) return last_error();
    if (retry == Duration::zero()) {
      deadline = Deadline::earlier(deadline, Deadline::after(longest));
      retry = kFirstRetry;
    }
    // No event tells: a Unix socket is writable however full the queue of its receiver is.
    if (deadline.expired()) return std::make_error_code(std::errc::timed_out);
    sleep_for(std::min(retry, deadline.remaining()));
    retry = std::min(retry * 2, kSlowestRetry);
  }
}

}  // namespace socketserver::detail
