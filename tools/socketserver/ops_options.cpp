#include "ops_options.hpp"

#include <stdexcept>

#include "arguments.hpp"

namespace socketserver::tool {

OpsOptions::OpsOptions(CLI::App& command) {
  add_optional_value(command, "--health", "PATH", health_, "/healthz",
                     "Path to answer with ok, without asking who");
  command
      .add_option("--pidfile", pid_file_,
                  "File for the number of the process, locked while it runs")
      ->type_name("FILE");
  command.add_option("--user", user_, "User to become once the sockets and the log are open")
      ->type_name("USER[:GROUP]");
}

void OpsOptions::apply(FileHandlerOptions& options) {
  if (!health_.empty() &&
      (!health_.starts_with('/') || health_.find_first_of("?# ") != health_.npos)) {
    throw CLI::ValidationError("--health",
                               "must be a path such as /healthz, not " + in_quotes(health_));
  }
  options.health = health_;
  if (user_.empty()) return;
  try {
    identity_ = find_identity(user_);
  } catch (const std::invalid_argument& error) {
    throw CLI::ValidationError("--user", error.what());
  }
  // A server that is no longer root runs scripts as itself.
  if (identity_->uid != 0) options.cgi.user.clear();
}

std::unique_ptr<PidFile> OpsOptions::settle() const {
  auto pid_file = pid_file_.empty() ? nullptr : std::make_unique<PidFile>(pid_file_);
  if (identity_) become(*identity_);
  return pid_file;
}

}  // namespace socketserver::tool
