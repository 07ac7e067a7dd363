#include "server/child_processes.hpp"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/single_threaded.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <new>
#include <thread>
#include <utility>

#include <socketserver/base/error.hpp>

#include "server/child_signals.hpp"

namespace socketserver::detail {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLookInterval = 100ms;

/// Whether the process that forked last had other threads. One that waits for input holds its
/// stream locked, and to flush all streams would wait for that.
constinit std::atomic<bool> other_threads{false};

void flush_output() noexcept {
  if (other_threads) {
    std::fflush(stdout);
    std::fflush(stderr);
  } else {
    std::fflush(nullptr);
  }
  for (std::ostream* stream : {&std::cout, &std::cerr, &std::clog}) {
    try {
      stream->flush();
    } catch (...) {
      // It was told to throw; what it could not write stays unwritten.
    }
  }
}

std::size_t count_threads() {
  DIR* const tasks = ::opendir("/proc/self/task");
  if (tasks == nullptr) throw_os_error(last_error(), "fork: open /proc/self/task");
  std::size_t threads = 0;
  while (const dirent* task = ::readdir(tasks)) threads += task->d_name[0] != '.' ? 1 : 0;
  ::closedir(tasks);
  return threads;
}

void require_single_thread() {
  // Once there was a second thread it is a guess: true only when there is none.
  if (__libc_single_threaded != 0) return;
  std::size_t threads = count_threads();
  // The kernel still shows a thread for a moment that has been joined already.
  for (int i = 0; i < 10 && threads > 1; ++i) {
    std::this_thread::sleep_for(1ms);
    threads = count_threads();
  }
  if (threads <= 1) return;
  throw OSError(std::make_error_code(std::errc::operation_not_permitted),
                "fork: this process has " + std::to_string(threads) +
                    " threads, and what the others hold locked would stay locked in the child "
                    "for ever; serve from the only thread or set fork_with_threads");
}

/// Looks without waiting whether a child has ended; false when there is no such child.
bool look_at_child(idtype_t type, id_t id, siginfo_t& info) noexcept {
  while (::waitid(type, id, &info, WEXITED | WNOHANG) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

}  // namespace

std::string ChildEnd::text() const {
  if (!by_signal) return "exit status " + std::to_string(status);
  const char* const name = ::sigabbrev_np(status);
  return "signal " + std::to_string(status) +
         (name == nullptr ? std::string() : " (SIG" + std::string(name) + ")");
}

pid_t ChildProcesses::fork(bool with_threads, std::shared_ptr<const void> ticket) {
  if (!with_threads) require_single_thread();
  other_threads = with_threads;
  if (!ended_) ended_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  if (!ended_) throw_os_error(last_error(), "epoll_create1");
  // Its record first: once the child runs, nothing may fail.
  Children fresh;
  fresh.emplace(0, Child{UniqueFd(), std::move(ticket)});
  Children::node_type record = fresh.extract(fresh.begin());

  flush_output();
  const BlockedSignals blocked;
  const pid_t pid = ::fork();
  if (pid < 0) throw_os_error(last_error(), "fork");
  if (pid == 0) {
    forget_watched_signals();
    // Not freed: each page that the child writes to is copied for it first. Nor allocated: what
    // failed here would go on as a second parent.
    alignas(Children) static std::array<std::byte, sizeof(Children)> parents_children;
    new (parents_children.data()) Children(std::move(children_));
    children_.clear();
    unwatched_ = 0;
    ended_.reset();
    return 0;
  }
  record.key() = pid;
  watch(pid, record.mapped());
  children_.insert(std::move(record));
  return pid;
}

void ChildProcesses::watch(pid_t pid, Child& child) noexcept {
  // By number, because C libraries learnt its name late. Linux before 5.3 has none of it.
  child.pidfd = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  epoll_event event{.events = EPOLLIN, .data = {.fd = pid}};
  if (child.pidfd && ::epoll_ctl(ended_.get(), EPOLL_CTL_ADD, child.pidfd.get(), &event) == 0) {
    return;
  }
  child.pidfd.reset();
  ++unwatched_;
}

std::vector<ChildEnd> ChildProcesses::take_ended() {
  std::vector<ChildEnd> ends;
  try {
    take_ended(ends);
  } catch (const std::bad_alloc&) {
    // Those that are left are seen again.
  }
  return ends;
}

void ChildProcesses::take_ended(std::vector<ChildEnd>& ends) {
  std::array<epoll_event, 64> events;
  int ready = children_.size() > unwatched_ ? static_cast<int>(events.size()) : 0;
  while (ready == static_cast<int>(events.size())) {
    ready = ::epoll_wait(ended_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < ready; ++i) {
      const auto child = children_.find(events[static_cast<std::size_t>(i)].data.fd);
      if (child != children_.end()) take_if_ended(child, ends);
    }
  }
  if (unwatched_ == 0) return;
  for (auto child = children_.begin(); child != children_.end();) {
    const auto next = std::next(child);
    if (!child->second.pidfd) take_if_ended(child, ends);
    child = next;
  }
}

void ChildProcesses::take_if_ended(Children::iterator child, std::vector<ChildEnd>& ends) {
  const auto& [pid, record] = *child;
  ends.push_back(
      {.pid = pid, .status = 0, .by_signal = false});  // before it can be taken only once
  siginfo_t info{};
  const bool known = record.pidfd
                         ? look_at_child(P_PIDFD, static_cast<id_t>(record.pidfd.get()), info)
                         : look_at_child(P_PID, static_cast<id_t>(pid), info);
  if (known && info.si_pid == 0) return ends.pop_back();
  // Unknown: the program has waited for it by itself, or ignores SIGCHLD. It has ended all the
  // same.
  if (known) {
    ends.back().status = info.si_status;
    ends.back().by_signal = info.si_code != CLD_EXITED;
  }
  if (record.pidfd) {
    // Closing would not take it out of the set: a child that was forked since may have a copy.
    ::epoll_ctl(ended_.get(), EPOLL_CTL_DEL, record.pidfd.get(), nullptr);
  } else {
    --unwatched_;
  }
  children_.erase(child);
}

Deadline ChildProcesses::next_look() const noexcept {
  return unwatched_ == 0 ? Deadline::never() : Deadline::after(kLookInterval);
}

std::set<pid_t> ChildProcesses::pids() const {
  std::set<pid_t> all;
  for (const auto& [pid, child] : children_) all.insert(pid);
  return all;
}

void ChildProcesses::send(pid_t pid, int signal) noexcept {
  const auto child = children_.find(pid);
  if (child == children_.end()) return;
  if (child->second.pidfd) {
    ::syscall(SYS_pidfd_send_signal, child->second.pidfd.get(), signal, nullptr, 0);
  } else {
    ::kill(pid, signal);
  }
}

void ChildProcesses::send_all(int signal) noexcept {
  for (const auto& [pid, child] : children_) send(pid, signal);
}

void exit_child(int status) noexcept {
  flush_output();
  ::_exit(status);
}

}  // namespace socketserver::detail
