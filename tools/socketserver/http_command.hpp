#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "receive_options.hpp"

namespace socketserver::tool {

/// `socketserver http`: serves the files of a directory until a signal ends it.
class HttpCommand {
 public:
  /// Adds the command to `program`, which from then on refers to this object.
  explicit HttpCommand(CLI::App& program);

  HttpCommand(const HttpCommand&) = delete;
  HttpCommand& operator=(const HttpCommand&) = delete;

  /// Whether the command line that `program` has parsed asks for it.
  bool chosen() const { return command_->parsed(); }

  /// Serves, and returns the program's exit status when SIGINT or SIGTERM has come.
  ///
  /// @throws CLI::ParseError for arguments that make no sense; std::system_error when the directory
  ///         or the address cannot be had.
  int run() const;

 private:
  CLI::App* command_;
  ReceiveOptions receiving_;

  // As given. More than one value is fine as long as all are the same.
  std::optional<std::string> place_;
  std::vector<std::string> ports_;
  std::vector<std::string> directories_;
  std::string address_;
  std::string protocol_ = "HTTP/1.1";
};

}  // namespace socketserver::tool
