#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include <socketserver/server/options.hpp>

#include "engine.hpp"

namespace socketserver::tool {

/// How clients are served beside each other, and the bounds that keep them from using up the
/// server.
class EngineOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit EngineOptions(CLI::App& command);

  EngineOptions(const EngineOptions&) = delete;
  EngineOptions& operator=(const EngineOptions&) = delete;

  /// Writes the workers and the limits to `options`.
  ///
  /// @throws CLI::ParseError for what makes no sense.
  void apply(ServerOptions& options) const;

  /// Whether the user has said how large a body may be.
  bool max_body_given() const { return !max_body_.empty(); }

  Engine engine() const { return engine_named(engine_); }

 private:
  // As given.
  std::string engine_ = "fiber";
  std::string workers_;
  std::string max_connections_;
  std::string max_per_ip_;
  std::string header_timeout_;
  std::string idle_timeout_;
  std::string body_timeout_;
  std::string min_rate_;
  std::string max_header_;
  std::string max_body_;
  std::string grace_;
};

}  // namespace socketserver::tool
