#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include <socketserver/xmlrpc/client_options.hpp>

#include "xmlrpc_serve_command.hpp"

namespace socketserver::tool {

/// `socketserver xmlrpc`: `call` calls a method of a server, `list` tells what methods it
/// has, `serve` is a server with some.
class XMLRPCCommand {
 public:
  /// Adds the command to `program`, which from then on refers to this object.
  explicit XMLRPCCommand(CLI::App& program);

  XMLRPCCommand(const XMLRPCCommand&) = delete;
  XMLRPCCommand& operator=(const XMLRPCCommand&) = delete;

  /// Whether the command line that `program` has parsed asks for it.
  bool chosen() const { return command_->parsed(); }

  /// Does it, and returns the program's exit status: 1 when the server answered with a fault or
  /// with another status than 200.
  ///
  /// @throws CLI::ParseError for arguments that make no sense; std::exception when there is no
  ///         answer, or none that makes sense.
  int run() const;

 private:
  void add_common_options(CLI::App& command);
  xmlrpc::ClientOptions options() const;
  int call() const;
  int list() const;

  CLI::App* command_;
  CLI::App* call_;
  CLI::App* list_;
  XMLRPCServeCommand serve_;

  // As given.
  std::string url_;
  std::string method_;
  std::vector<std::string> arguments_;
  std::vector<std::string> headers_;
  std::string timeout_ = "60s";
  std::string encoding_ = "utf-8";
  bool gzip_ = false;
  bool verbose_ = false;
  bool json_ = false;
};

}  // namespace socketserver::tool
