#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "access_rules.hpp"
#include "file_handler.hpp"

namespace socketserver::tool {

/// Who may have what.
class AccessOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit AccessOptions(CLI::App& command);

  AccessOptions(const AccessOptions&) = delete;
  AccessOptions& operator=(const AccessOptions&) = delete;

  /// Fills `rules`, which `options` then borrows.
  ///
  /// @throws CLI::ParseError for what makes no sense; OSError when a file cannot be read.
  void apply(FileHandlerOptions& options, AccessRules& rules) const;

  /// What is allowed and most likely meant otherwise: rules for directories that are not there.
  static std::vector<std::string> doubts(const FileHandlerOptions& options,
                                         const AccessRules& rules);

 private:
  std::string checked_realm() const;

  // As given.
  std::vector<std::string> accounts_;
  std::string file_;
  std::string realm_;
  std::vector<std::string> allowed_;
  std::vector<std::string> denied_;
  bool random_route_ = false;
};

}  // namespace socketserver::tool
