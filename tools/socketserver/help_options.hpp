#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace socketserver::tool {

/// What helps to use the tool: files of options, and ways to the browser.
class HelpOptions {
 public:
  /// Adds the options to `command`, which from then on refers to this object.
  explicit HelpOptions(CLI::App& command);

  HelpOptions(const HelpOptions&) = delete;
  HelpOptions& operator=(const HelpOptions&) = delete;

  /// A file of options; "" for none.
  const std::string& config() const { return config_; }

  /// @throws CLI::ParseError when an option needs the URL of a server that has none.
  void require_url(bool has_url) const;

  bool prints_config() const { return print_config_; }
  bool checks_config() const { return check_config_; }
  bool opens_browser() const { return open_; }
  bool shows_qr_code() const { return qr_; }

 private:
  // As given.
  std::string config_;
  bool print_config_ = false;
  bool check_config_ = false;
  bool open_ = false;
  bool qr_ = false;
};

/// Adds options that print what is made of all options of `program`, and end it.
void add_generators(CLI::App& command, const CLI::App& program);

}  // namespace socketserver::tool
