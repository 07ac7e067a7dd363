#include "load/generator.hpp"

#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <string>

#include "load/process_tree.hpp"
#include "support/sockets.hpp"

namespace socketserver::bench {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} * 1024;
constexpr std::size_t kEventsPerTurn = 512;
constexpr int kTurnMilliseconds = 10;  // at most; also how late a quiet phase may end
constexpr std::chrono::seconds kPatience{5};

UniqueFd open_socket(const Options& options) {
  const int type = options.workload == Workload::udp ? SOCK_DGRAM : SOCK_STREAM;
  UniqueFd fd(checked(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), "socket"));
  if (type == SOCK_DGRAM) return fd;

  const int on = 1;
  checked(::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on), "TCP_NODELAY");
  if (is_once(options.workload)) {
    // Ends with a reset, after the server has closed: otherwise the kernel would keep every
    // connection of the run for a minute, at the cost of the runs that follow.
    const linger at_once{1, 0};
    checked(::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), "SO_LINGER");
  }
  return fd;
}

}  // namespace

Generator::Generator(const Options& options)
    : options_(options),
      is_once_(is_once(options.workload)),
      epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      connections_(options.connections),
      buffer_(kBufferBytes),
      never_answered_(options.connections) {}

Measurement Generator::run() {
  last_answer_ = Clock::now();
  for (std::size_t index = 0; index < connections_.size(); ++index) {
    connections_[index].dialogue = make_dialogue(options_, index);
    open(index);
  }
  const auto after = [](double seconds) {
    return Clock::now() +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  };

  const auto warm_at = after(options_.warmup);
  turn_until([&] { return Clock::now() >= warm_at && never_answered_ == 0; });

  measured_ = {};
  const auto cpu_before = cpu_time_of_tree(options_.pid);
  const auto began = Clock::now();
  const auto end_at = after(options_.seconds);
  // A server that is busy for all of a short time has not failed.
  turn_until([&] { return Clock::now() >= end_at && measured_.requests > 0; });
  Measurement result = measured_;
  result.elapsed = Clock::now() - began;
  result.server_cpu = cpu_time_of_tree(options_.pid) - cpu_before;

  is_ending_ = true;
  turn_until([&] { return busy_ == 0; });
  return result;
}

template <class Done>
void Generator::turn_until(Done done) {
  while (!done()) {
    turn();
    if (busy_ == 0 || Clock::now() - last_answer_ < kPatience) continue;
    throw WrongReply("no answer for " + std::to_string(kPatience.count()) + " s; " +
                     std::to_string(busy_) + " of " + std::to_string(connections_.size()) +
                     " connections wait, " + std::to_string(never_answered_) +
                     " were never answered");
  }
}

void Generator::open(std::size_t index) {
  Connection& connection = connections_[index];
  connection.asked_at = Clock::now();
  connection.fd = open_socket(options_);

  const sockaddr_in server = loopback(options_.port);
  const int connected =
      ::connect(connection.fd.get(), reinterpret_cast<const sockaddr*>(&server), sizeof server);
  if (connected < 0 && errno != EINPROGRESS) throw_os_error(last_error(), "connect");

  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u64 = index;
  checked(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connection.fd.get(), &event), "epoll_ctl");
  ++busy_;
  ask(connection);
}

void Generator::ask(Connection& connection) {
  connection.unsent = connection.dialogue->ask();
  connection.unanswered = options_.pipeline;
  send_unsent(connection);
}

void Generator::send_unsent(Connection& connection) {
  while (!connection.unsent.empty()) {
    const ssize_t sent = ::send(connection.fd.get(), connection.unsent.data(),
                                connection.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) {
      if (errno == EAGAIN) return;  // not connected yet, or no room: EPOLLOUT tells
      throw_os_error(last_error(), "send");
    }
    connection.unsent.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void Generator::turn() {
  std::array<epoll_event, kEventsPerTurn> events;
  const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), kTurnMilliseconds);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    const auto index = static_cast<std::size_t>(event.data.u64);
    if ((event.events & EPOLLOUT) != 0) send_unsent(connections_[index]);
    if ((event.events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(index, event.events);
  }
}

void Generator::receive(std::size_t index, std::uint32_t events) {
  Connection& connection = connections_[index];
  // Edge-triggered: a short read has taken everything, unless the end came with it. Of datagrams
  // there is never more than one.
  const bool may_end = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  for (;;) {
    const ssize_t received = ::recv(connection.fd.get(), buffer_.data(), buffer_.size(), 0);
    if (received < 0) {
      if (errno == EAGAIN) return;
      throw_os_error(last_error(), "recv");
    }
    if (received == 0) return finish_connection(index);

    const auto size = static_cast<std::size_t>(received);
    const std::size_t answered = connection.dialogue->hear({buffer_.data(), size});
    connection.unanswered -= answered;
    if (!is_once_ && answered > 0) count(connection, answered);
    if (size < buffer_.size() && !may_end) return;
  }
}

void Generator::finish_connection(std::size_t index) {
  Connection& connection = connections_[index];
  if (!is_once_ || connection.unanswered > 0) {
    throw WrongReply("the server closed connection " + std::to_string(index) +
                     (is_once_ ? " before its answer" : ""));
  }
  count(connection, 1);
  connection.fd.reset();
  if (!is_ending_) open(index);
}

void Generator::count(Connection& connection, std::size_t answered) {
  last_answer_ = Clock::now();
  measured_.requests += answered;
  measured_.latency.record(last_answer_ - connection.asked_at, answered);
  if (!connection.answered_once) {
    connection.answered_once = true;
    --never_answered_;
  }
  if (connection.unanswered > 0) return;

  if (is_once_ || is_ending_) {
    --busy_;
    return;
  }
  connection.asked_at = last_answer_;
  ask(connection);
}

}  // namespace socketserver::bench
