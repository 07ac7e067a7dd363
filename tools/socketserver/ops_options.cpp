#include "ops_options.hpp"

#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <system_error>

#include <socketserver/base/error.hpp>

#include "arguments.hpp"

namespace socketserver::tool {

namespace {

/// @throws CLI::ValidationError when requests cannot be for it.
void require_path(const std::string& option, const std::string& path) {
  if (path.empty() || (path.starts_with('/') && path.find_first_of("?# ") == path.npos)) return;
  throw CLI::ValidationError(option, "must be a path such as /healthz, not " + in_quotes(path));
}

}  // namespace

OpsOptions::OpsOptions(CLI::App& command) {
  add_optional_value(command, "--health", "PATH", health_, "/healthz",
                     "Path to answer with ok, without asking who");
  add_optional_value(command, "--ready", "PATH", ready_, "/readyz",
                     "Path to answer with 200, or 503 when stopping or overloaded, without asking "
                     "who");
  CLI::Option* const delay =
      command.add_option("--shutdown-delay", shutdown_delay_,
                         "Time to serve on after the signal to stop, not ready any more");
  check_at_once(delay->type_name("TIME")->default_str("0"), parse_duration);
  command.add_flag(
      "--daemon", daemon_,
      "Go on in the background once it serves; needs --log-file, --syslog or --journal");
  command
      .add_option("--pidfile", pid_file_,
                  "File for the number of the process, locked while it runs")
      ->type_name("FILE");
  command
      .add_option("--chroot", root_,
                  "Directory to make the root once the sockets and the log are open; needs root")
      ->type_name("DIR");
  command.add_option("--user", user_, "User to become once the sockets and the log are open")
      ->type_name("USER[:GROUP]");
}

void OpsOptions::apply(FileHandlerOptions& options) {
  require_path("--health", health_);
  require_path("--ready", ready_);
  if (!ready_.empty() && ready_ == health_) {
    throw CLI::ValidationError("--ready", "must be another path than that of --health");
  }
  options.health = health_;
  options.ready = ready_;
  if (!shutdown_delay_.empty()) delay_ = parse_duration("--shutdown-delay", shutdown_delay_);
  if (!user_.empty()) {
    try {
      identity_ = find_identity(user_);
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError("--user", error.what());
    }
    // A server that is no longer root runs scripts as itself.
    if (identity_->uid != 0) options.cgi.user.clear();
  }
  if (!root_.empty()) require_inside_root(options);
}

void OpsOptions::find_root() {
  if (root_.empty()) return;
  std::error_code ec;
  real_root_ = std::filesystem::canonical(root_, ec).native();
  if (ec) throw_os_error(ec, "--chroot: " + in_quotes(root_));
  if (std::filesystem::is_directory(real_root_)) return;
  const auto code = std::make_error_code(std::errc::not_a_directory);
  throw CLI::ValidationError("--chroot", in_quotes(root_) + ": " + code.message());
}

void OpsOptions::require_inside_root(const FileHandlerOptions& options) const {
  if (!name_beneath(real_root_, options.files.directory)) {
    throw CLI::ValidationError(
        "--chroot",
        in_quotes(options.files.directory) + ", which is served, is not below " + in_quotes(root_));
  }
  const bool stays_root = identity_ ? identity_->uid == 0 : ::geteuid() == 0;
  if (stays_root) {
    throw CLI::ValidationError("--chroot", "needs --user: root could get out of it again");
  }
}

void OpsOptions::require_fit(const LogSettings& log, bool runs_scripts) const {
  if (daemon_ && log.file.empty() && !log.service) {
    throw CLI::ValidationError(
        "--daemon",
        "needs --log-file, --syslog or --journal: nobody sees standard error in the "
        "background");
  }
  if (!root_.empty() && runs_scripts) {
    throw CLI::ValidationError(
        "--chroot", "scripts and applications are outside: no --cgi, --cgi-ext, --fastcgi");
  }
}

std::unique_ptr<PidFile> OpsOptions::settle(Log& log) const {
  auto pid_file = pid_file_.empty() ? nullptr : std::make_unique<PidFile>(pid_file_);
  if (!real_root_.empty()) {
    log.enter_root(real_root_);
    if (pid_file) pid_file->enter_root(real_root_);
    change_root(real_root_);
  }
  if (identity_) become(*identity_);
  return pid_file;
}

}  // namespace socketserver::tool
