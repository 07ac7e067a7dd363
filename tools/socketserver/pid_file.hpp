#pragma once

#include <string>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver::tool {

/// A file with the number of this process, locked for as long as it runs, so that a second one
/// cannot take it for its own.
class PidFile {
 public:
  /// @throws OSError "open FILE" or "write FILE"; "lock FILE" when another process has it.
  explicit PidFile(const std::string& file);

  /// Removes the file, unless this is a child of the process that made it.
  ~PidFile();

  /// Before `root`, a path without links, becomes the root: outside of it the file cannot be
  /// removed any more, and will be emptied.
  void enter_root(const std::string& root);

  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

 private:
  std::string file_;
  UniqueFd fd_;
  int process_;
};

}  // namespace socketserver::tool
