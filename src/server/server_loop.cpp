#include "server/server_loop.hpp"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <new>
#include <stdexcept>

#include <socketserver/base/error.hpp>

#include "net/poll.hpp"

namespace socketserver::detail {
namespace {

// Asking to stop takes as long as a system call.
constexpr Duration kLongestAsking = std::chrono::seconds(1);

UniqueFd open_event() {
  UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!fd) throw_os_error(last_error(), "eventfd");
  return fd;
}

/// Async-signal-safe. It can only fail when the event has been raised 2^64 times, and is raised
/// then.
void raise_event(const UniqueFd& event) noexcept {
  const int saved_errno = errno;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(event.get(), &one, sizeof one);
  errno = saved_errno;
}

void clear_event(const UniqueFd& event) noexcept {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto got = ::read(event.get(), &count, sizeof count);
}

std::int64_t now_ns() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             Deadline::Clock::now().time_since_epoch())
      .count();
}

}  // namespace

ServerLoop::ServerLoop(Duration drain_grace)
    : drain_grace_(drain_grace),
      stop_event_(open_event()),
      force_event_(open_event()),
      wake_event_(open_event()),
      shared_(map_shared()) {}

std::unique_ptr<ServerLoop::Shared, ServerLoop::Unmap> ServerLoop::map_shared() {
  void* const page =
      ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) throw_os_error(last_error(), "mmap");
  return std::unique_ptr<Shared, Unmap>(new (page) Shared);
}

void ServerLoop::Unmap::operator()(Shared* shared) const noexcept {
  ::munmap(shared, sizeof(Shared));
}

bool ServerLoop::enter() {
  const auto refuse = [] {
    throw std::logic_error("serve_forever: this server is being served already");
  };
  // Before the phase changes: from then on a signal handler may ask, on this very thread.
  std::thread::id nobody;
  if (!loop_thread_.compare_exchange_strong(nobody, std::this_thread::get_id())) refuse();
  loop_process_ = ::getpid();
  Phase phase = shared_->phase.load();
  do {
    if (phase == Phase::running || phase == Phase::stopping || phase == Phase::draining) {
      loop_thread_ = std::thread::id();  // it is another process that serves
      refuse();
    }
    // A signal between two loops was meant for neither.
    if (phase == Phase::ended) shared_->signal = 0;
  } while (!shared_->phase.compare_exchange_weak(
      phase, phase == Phase::remembered ? Phase::draining : Phase::running));
  return phase != Phase::remembered;
}

void ServerLoop::leave() noexcept {
  shared_->phase = Phase::draining;
  ++loops_ended_;
  loops_ended_.notify_all();
}

void ServerLoop::reset() noexcept {
  // Whoever is asking just now would stop the next loop with the events of this one. Not for ever:
  // a child process may have been killed while it asked.
  const Deadline patience = Deadline::after(kLongestAsking);
  while (shared_->asking > 0) {
    if (patience.expired()) shared_->asking = 0;
    std::this_thread::yield();
  }
  clear_event(stop_event_);
  clear_event(force_event_);
  shared_->forced = false;
  shared_->hands_over = false;
  shared_->announced = false;
  shared_->due_at = 0;
  shared_->full = false;
  shared_->stopped_at = 0;
  shared_->signal = 0;
  shared_->phase = Phase::ended;
  loop_thread_ = std::thread::id();  // last: then another loop may begin
}

void ServerLoop::ask_stop(int signal) noexcept {
  // Before the phase changes: from then on the loop may end and look who stopped it.
  if (signal != 0) shared_->signal = signal;
  ++shared_->asking;
  Phase before = Phase::running;
  if (shared_->phase.compare_exchange_strong(before, Phase::stopping)) {
    begin_stop();
  } else if (before == Phase::fresh) {
    // When the loop starts at this moment, it is stopped as one that runs.
    if (!shared_->phase.compare_exchange_strong(before, Phase::remembered)) ask_stop(signal);
  }
  --shared_->asking;
}

bool ServerLoop::announce_stop(int signal, Duration delay) noexcept {
  // Before the loop can see that a stop is due and look who asked.
  shared_->signal = signal;
  ++shared_->asking;  // so that it is not taken for the next loop's
  std::int64_t not_yet = 0;
  const bool first = shared_->phase == Phase::running &&
                     shared_->due_at.compare_exchange_strong(not_yet, now_ns() + delay.count());
  if (first) shared_->announced = true;
  --shared_->asking;
  return first;
}

bool ServerLoop::stop_is_due() noexcept {
  const std::int64_t due_at = shared_->due_at;
  if (due_at != 0 && due_at <= now_ns() && !stop_asked()) ask_stop(shared_->signal);
  return stop_asked();
}

Deadline ServerLoop::due_stop() const noexcept {
  const std::int64_t due_at = shared_->due_at;
  return due_at == 0 ? Deadline::never() : Deadline::after(Duration(due_at - now_ns()));
}

void ServerLoop::ask_stop_and_wait() noexcept {
  const auto before = loops_ended_.load();
  ask_stop(0);
  if (shared_->phase == Phase::stopping && loop_thread_.load() != std::this_thread::get_id() &&
      loop_process_ == ::getpid()) {
    loops_ended_.wait(before);
  }
}

void ServerLoop::begin_stop() noexcept {
  std::int64_t not_yet = 0;
  shared_->stopped_at.compare_exchange_strong(not_yet, now_ns());
  raise_event(stop_event_);
}

void ServerLoop::force() noexcept {
  begin_stop();
  shared_->forced = true;
  raise_event(force_event_);
}

void ServerLoop::wake() noexcept {
  raise_event(wake_event_);
}

Deadline ServerLoop::stop_deadline() const noexcept {
  const std::int64_t stopped_at = shared_->stopped_at;
  if (stopped_at == 0) return Deadline::never();
  return Deadline::after(Duration(stopped_at - now_ns()) + drain_grace_);
}

void ServerLoop::take_wake() noexcept {
  clear_event(wake_event_);
}

bool ServerLoop::wait_ready(int fd, bool until_stop, Deadline deadline, int also) {
  std::array<pollfd, 5> entries = {pollfd{fd, POLLIN, 0},
                                   pollfd{until_stop ? stop_event_.get() : -1, POLLIN, 0},
                                   pollfd{wake_event_.get(), POLLIN, 0}, pollfd{also, POLLIN, 0},
                                   pollfd{parking_fd_, POLLIN, 0}};
  const auto ec = poll_until(entries, deadline);
  if (ec && ec != std::errc::timed_out) throw_os_error(ec, "poll");
  if (entries[2].revents != 0) take_wake();
  return entries[0].revents != 0;
}

std::error_code ServerLoop::wait(int fd, Interest interest, Deadline deadline, bool idle) {
  std::array<pollfd, 2> entries = {pollfd{fd, poll_events(interest), 0},
                                   pollfd{stop_event_.get(), POLLIN, 0}};
  if (const auto ec = poll_until(entries, deadline)) return ec;
  if (entries[0].revents != 0) return {};
  if (idle) return std::make_error_code(std::errc::operation_canceled);

  // The server is stopping: what is half-done may go on until the grace ends or a force cuts it.
  entries[1].fd = force_event_.get();
  const Deadline grace = stop_deadline();
  const auto ec = poll_until(entries, Deadline::earlier(deadline, grace));
  if (ec == std::errc::timed_out && !deadline.expired()) {
    return std::make_error_code(std::errc::operation_canceled);
  }
  if (ec || entries[0].revents != 0) return ec;
  return std::make_error_code(std::errc::operation_canceled);
}

}  // namespace socketserver::detail
