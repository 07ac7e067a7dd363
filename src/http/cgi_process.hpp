#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/unique_fd.hpp>

#include "http/cgi_user.hpp"

namespace socketserver::http {

/// What to run, where, and as whom.
struct CGIProgram {
  std::string path;                      ///< Absolute.
  std::vector<std::string> arguments;    ///< The program's name is the first.
  std::vector<std::string> environment;  ///< "NAME=value": all of it.
  int directory = -1;                    ///< An open one, to work in; borrowed.
  const CGIUser* user = nullptr;         ///< Null: whoever the server is. Borrowed.
};

/// A running CGI script, the leader of a process group of its own. It has three descriptors: our
/// pipes as standard input and output, and the server's standard error.
///
/// Started so that any thread may do it, whatever others hold locked. It does not outlive the
/// thread that started it, which a kernel that kills that thread's process sees to.
///
/// Thread safety: one flow.
class CGIProcess {
 public:
  /// @param reads_input  if not, its standard input is empty.
  /// @throws OSError "run /srv/cgi-bin/x", "become user nobody to run …", "pipe", "fork": then
  ///         nothing runs.
  CGIProcess(const CGIProgram& program, bool reads_input);
  CGIProcess(const CGIProcess&) = delete;
  CGIProcess& operator=(const CGIProcess&) = delete;

  /// Kills the process group, unless `take_end` has told of the end.
  ~CGIProcess();

  /// Our ends of the pipes, non-blocking; −1 once closed.
  int input() const noexcept { return input_.get(); }
  int output() const noexcept { return output_.get(); }
  void close_input() noexcept { input_.reset(); }
  void close_output() noexcept { output_.reset(); }

  /// Readable when the script has ended.
  int ended() const noexcept { return pidfd_.get(); }

  /// Sends a signal to the script and to whatever else is in its process group. Nothing after
  /// `take_end`.
  void signal_group(int signal) noexcept;

  /// The exit status once it has ended, negative for the signal that ended it; nothing before.
  /// When the program ignores SIGCHLD or has waited for it itself, nobody knows: 0.
  std::optional<int> take_end() noexcept;

 private:
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd pidfd_;
  pid_t pid_ = 0;  // 0: it has ended
};

}  // namespace socketserver::http
