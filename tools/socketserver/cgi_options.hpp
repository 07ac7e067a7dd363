#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include <socketserver/base/limits.hpp>

#include "file_handler.hpp"

namespace socketserver::tool {

/// Which files are run for clients of `socketserver http` instead of being sent to them, and which
/// requests are passed to FastCGI applications.
class CgiOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit CgiOptions(CLI::App& command);

  CgiOptions(const CgiOptions&) = delete;
  CgiOptions& operator=(const CgiOptions&) = delete;

  /// Whether any is: then only this machine should be served, unless the user has said who else.
  bool runs_scripts() const noexcept {
    return !directories_.empty() || !extensions_.empty() || !applications_.empty();
  }

  /// Says so to the handler, and how many may run at once; all other options have been applied
  /// before.
  ///
  /// @throws CLI::ParseError for what makes no sense; OSError when there is no such directory, or
  ///         "interpreter php-cgi" when there is no such program; std::system_error for a name of a
  ///         host that cannot be looked up.
  void apply(FileHandlerOptions& options, Limits& limits) const;

 private:
  // As given.
  std::vector<std::string> directories_;  // "true": those that Python has
  std::vector<std::string> extensions_;
  std::vector<std::string> applications_;
  std::string processes_;
};

}  // namespace socketserver::tool
