#pragma once

#include <optional>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver::tool {

/// Lets the program go on in the background. The process that was started ends when that one
/// serves, so that whoever has started it may use the server from then on, and learns of what goes
/// wrong until then.
///
/// Thread: the only one of the process.
class Daemon {
 public:
  /// Forks. In the background, in a session of its own that can have no terminal, returns nothing;
  /// still with all that the process had open, and in its directory. In the process that was
  /// started, waits for `detach` there and returns the exit status: 1 when it never came, the
  /// reason of which has been told by then.
  ///
  /// @throws OSError.
  std::optional<int> begin();

  /// In the background, once it serves: lets go of standard input, output and error and of the
  /// directory, and the process that was started end.
  ///
  /// @throws OSError.
  void detach();

 private:
  UniqueFd starter_;  // where that one waits
  UniqueFd null_;     // opened while there is a /dev
};

}  // namespace socketserver::tool
