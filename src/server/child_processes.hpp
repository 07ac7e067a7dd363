#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/unique_fd.hpp>

namespace socketserver::detail {

/// What a child gets that was told to end at once, before it is killed.
inline constexpr Duration kForcedChildEnd = std::chrono::seconds(1);

/// How a child process ended.
struct ChildEnd {
  pid_t pid = 0;
  int status = 0;  ///< The exit status, or the signal that ended it.
  bool by_signal = false;

  /// "exit status 3", "signal 9 (SIGKILL)".
  std::string text() const;
};

/// The child processes that one owner forked. Learns at once when one ends, and never waits for any
/// other child of this process.
///
/// Thread safety: one thread at a time.
/// Lifetime: children that are still running when it is destroyed are left alone.
class ChildProcesses {
 public:
  /// Forks, after flushing the standard streams, so that nothing is written twice.
  ///
  /// @param with_threads  fork although this process has other threads.
  /// @param ticket  kept until the child has ended.
  /// @return the child's id; 0 in the child, which has one thread, no children, and none of the
  ///         signals that a StopOnSignals watches.
  /// @throws OSError `operation_not_permitted` when this process has other threads; OSError "fork".
  pid_t fork(bool with_threads, std::shared_ptr<const void> ticket = nullptr);

  /// Those that have ended since the last call; never waits.
  std::vector<ChildEnd> take_ended();

  /// Readable when one has ended; −1 before the first fork.
  int ended_fd() const noexcept { return ended_.get(); }

  /// When to `take_ended` although `ended_fd` says nothing: the system cannot watch some of them.
  Deadline next_look() const noexcept;

  std::size_t running() const noexcept { return children_.size(); }
  std::set<pid_t> pids() const;

  void send(pid_t pid, int signal) noexcept;
  void send_all(int signal) noexcept;

 private:
  struct Child {
    UniqueFd pidfd;  // −1: the system has none
    std::shared_ptr<const void> ticket;
  };
  using Children = std::map<pid_t, Child>;

  void watch(pid_t pid, Child& child) noexcept;
  void take_ended(std::vector<ChildEnd>& ends);
  void take_if_ended(Children::iterator child, std::vector<ChildEnd>& ends);

  Children children_;
  std::size_t unwatched_ = 0;
  UniqueFd ended_;  // an epoll instance with the pidfd of every child
};

/// Ends this child process, its output flushed, without running what its parent has registered for
/// its own end.
[[noreturn]] void exit_child(int status) noexcept;

}  // namespace socketserver::detail
