#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "engine_options.hpp"
#include "listen_options.hpp"

namespace socketserver::tool {

/// `socketserver xmlrpc serve`: a server to try clients on, with methods of its own.
class XMLRPCServeCommand {
 public:
  /// Adds the command to `xmlrpc`, which from then on refers to this object.
  explicit XMLRPCServeCommand(CLI::App& xmlrpc);

  XMLRPCServeCommand(const XMLRPCServeCommand&) = delete;
  XMLRPCServeCommand& operator=(const XMLRPCServeCommand&) = delete;

  /// Whether the command line that has been parsed asks for it.
  bool chosen() const { return command_->parsed(); }

  /// Serves, and returns the program's exit status when SIGINT or SIGTERM has come.
  ///
  /// @throws CLI::ParseError for arguments that make no sense; std::system_error when the address
  ///         cannot be had.
  int run() const;

 private:
  CLI::App* command_;

  // As given.
  std::unique_ptr<ListenOptions> listen_;
  std::unique_ptr<EngineOptions> engine_;
  bool extensions_ = false;
  bool standard_faults_ = false;
  bool quiet_ = false;
};

}  // namespace socketserver::tool
