#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "log.hpp"

namespace socketserver::tool {

/// What is logged, where, and how.
class LogOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit LogOptions(CLI::App& command);

  LogOptions(const LogOptions&) = delete;
  LogOptions& operator=(const LogOptions&) = delete;

  /// @throws CLI::ParseError for what makes no sense.
  LogSettings settings() const;

 private:
  std::optional<LogServiceSettings> service() const;

  // As given.
  bool verbose_ = false;
  bool quiet_ = false;
  std::string format_ = "combined";
  std::string file_;
  std::string syslog_;  // the facility; "": no
  bool journal_ = false;
  std::string socket_;
  std::string color_ = "auto";
};

}  // namespace socketserver::tool
