#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "file_handler.hpp"
#include "rate_limit.hpp"

namespace socketserver::tool {

/// How often a client may ask.
class RateOptions {
 public:
  /// Adds the option to `command`, which from then on refers to this object.
  explicit RateOptions(CLI::App& command);

  RateOptions(const RateOptions&) = delete;
  RateOptions& operator=(const RateOptions&) = delete;

  /// Writes the limit to `options`, which then borrow it from this object.
  ///
  /// @throws CLI::ParseError for what makes no sense.
  void apply(FileHandlerOptions& options);

 private:
  std::string rate_;  // as given
  std::unique_ptr<RateLimit> limit_;
};

}  // namespace socketserver::tool
