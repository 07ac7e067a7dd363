#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "file_handler.hpp"
#include "pid_file.hpp"
#include "privileges.hpp"

namespace socketserver::tool {

/// What whoever runs the server as a service needs.
class OpsOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit OpsOptions(CLI::App& command);

  OpsOptions(const OpsOptions&) = delete;
  OpsOptions& operator=(const OpsOptions&) = delete;

  /// @throws CLI::ParseError for what makes no sense.
  void apply(FileHandlerOptions& options);

  /// Once everything is bound and open: writes the pid file, which lasts as long as what this
  /// returns, and gives up the privileges.
  ///
  /// @throws OSError.
  std::unique_ptr<PidFile> settle() const;

 private:
  // As given.
  std::string health_;
  std::string pid_file_;
  std::string user_;
  std::optional<Identity> identity_;  // of `user_`
};

}  // namespace socketserver::tool
