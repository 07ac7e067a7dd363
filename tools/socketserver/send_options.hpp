#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "file_handler.hpp"

namespace socketserver::tool {

/// What is sent beside the bytes of a file.
class SendOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit SendOptions(CLI::App& command);

  SendOptions(const SendOptions&) = delete;
  SendOptions& operator=(const SendOptions&) = delete;

  /// @throws CLI::ParseError for what makes no sense; OSError when a file cannot be read.
  void apply(FileHandlerOptions& options) const;

 private:
  void apply_headers(FileHandlerOptions& options) const;

  // As given.
  bool precompressed_ = true;
  std::string compress_;
  std::string cache_ = "revalidate";
  bool no_etag_ = false;
  std::string charset_;
  std::vector<std::string> types_;
  std::string type_file_;
  std::string default_type_;
  std::vector<std::string> headers_;
  std::string cors_;
  bool security_headers_ = false;
  std::string policy_;
};

}  // namespace socketserver::tool
