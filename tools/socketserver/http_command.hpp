#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include <socketserver/server/base_server.hpp>

#include "access_options.hpp"
#include "cgi_options.hpp"
#include "engine_options.hpp"
#include "help_options.hpp"
#include "listen_options.hpp"
#include "log_options.hpp"
#include "ops_options.hpp"
#include "rate_options.hpp"
#include "receive_options.hpp"
#include "send_options.hpp"
#include "view_options.hpp"

namespace socketserver::tool {

/// `socketserver http`: serves the files of a directory until a signal ends it.
///
/// Its options come in groups, each of which adds its own and applies them. Another group is
/// another member here.
class HttpCommand {
 public:
  /// Adds the command to `program`, which from then on refers to this object.
  explicit HttpCommand(CLI::App& program);

  HttpCommand(const HttpCommand&) = delete;
  HttpCommand& operator=(const HttpCommand&) = delete;

  /// Whether the command line that `program` has parsed asks for it.
  bool chosen() const { return command_->parsed(); }

  /// What lists in the environment and the file of options add to the command line; parse again
  /// with these.
  ///
  /// @throws CLI::ParseError for what makes no sense; OSError when the file cannot be read.
  std::vector<std::string> more_arguments() const;

  /// Serves, and returns the program's exit status when SIGINT or SIGTERM has come.
  ///
  /// @throws CLI::ParseError for arguments that make no sense; std::system_error when a directory,
  ///         a file or the address cannot be had.
  int run();

 private:
  /// Adds the options of a group under its heading.
  template <class Group>
  std::unique_ptr<Group> group(const char* heading) {
    command_->option_defaults()->group(heading);
    return std::make_unique<Group>(*command_);
  }

  void add_what(CLI::App& command);
  FileHandlerOptions what_to_serve();
  std::string config();

  CLI::App* command_;

  // As given. More than one value is fine as long as all are the same.
  std::vector<std::string> places_;
  std::vector<std::string> directories_;
  std::string protocol_ = "HTTP/1.1";
  std::unique_ptr<ListenOptions> listen_;
  std::unique_ptr<AccessOptions> access_;
  std::unique_ptr<ViewOptions> view_;
  std::unique_ptr<SendOptions> send_;
  std::unique_ptr<ReceiveOptions> receive_;
  std::unique_ptr<CgiOptions> cgi_;
  std::unique_ptr<EngineOptions> engine_;
  std::unique_ptr<RateOptions> rate_;
  std::unique_ptr<LogOptions> log_;
  std::unique_ptr<OpsOptions> ops_;
  std::unique_ptr<HelpOptions> help_;
};

}  // namespace socketserver::tool
