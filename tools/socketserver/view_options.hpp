#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "file_handler.hpp"

namespace socketserver::tool {

/// What is shown of the directory, and how.
class ViewOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit ViewOptions(CLI::App& command);

  ViewOptions(const ViewOptions&) = delete;
  ViewOptions& operator=(const ViewOptions&) = delete;

  /// @throws CLI::ParseError for what makes no sense; OSError when a file is not there.
  void apply(FileHandlerOptions& options) const;

 private:
  // As given.
  std::string index_;
  bool no_listing_ = false;
  std::string listing_;
  std::string sort_;
  std::string title_;
  bool hidden_ = false;
  std::vector<std::string> hide_;
  std::string symlinks_ = "inside";
  std::string spa_;
  bool pretty_urls_ = false;
  std::vector<std::string> error_pages_;
};

}  // namespace socketserver::tool
