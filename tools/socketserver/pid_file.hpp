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

  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

 private:
  std::string file_;
  UniqueFd fd_;
  int process_;
};

}  // namespace socketserver::tool
