#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include <socketserver/base/deadline.hpp>

#include "file_handler.hpp"
#include "log.hpp"
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

  /// Whether the server goes on in the background.
  bool is_daemon() const { return daemon_; }

  /// Looks for what is to become the root directory.
  ///
  /// @throws CLI::ParseError when it is no directory; OSError when it is not there.
  void find_root();

  /// That directory, without links; "": none, or not looked for yet.
  const std::string& root() const { return real_root_; }

  /// @throws CLI::ParseError when this cannot be together with such a log, or with scripts.
  void require_fit(const LogSettings& log, bool runs_scripts) const;

  /// From the signal to the stop.
  Duration shutdown_delay() const { return delay_; }

  /// Once everything is bound and open: writes the pid file, which lasts as long as what this
  /// returns, changes the root, and gives up the privileges.
  ///
  /// @throws OSError.
  std::unique_ptr<PidFile> settle(Log& log) const;

 private:
  void require_inside_root(const FileHandlerOptions& options) const;

  // As given.
  std::string health_;
  std::string ready_;
  std::string shutdown_delay_;
  bool daemon_ = false;
  std::string pid_file_;
  std::string root_;
  std::string user_;
  std::optional<Identity> identity_;  // of `user_`
  Duration delay_ = Duration::zero();
  std::string real_root_;  // without links
};

}  // namespace socketserver::tool
