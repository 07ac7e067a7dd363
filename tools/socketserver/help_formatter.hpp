#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace socketserver::tool {

/// Lays the help out: names in one column, what they do in another, nothing wider than a terminal.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
  std::string make_option(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_usage(const CLI::Option* option) const override;

 private:
  std::string options_by_group(const CLI::App& app) const;
};

/// Whether the word behind an option is its value. What a flag may have, `[=FILE]`, is a part of
/// it.
bool takes_value(const CLI::Option& option);

/// The word behind an option, "FILE"; "" when it takes none.
std::string value_name(const CLI::Option& option);

/// The only values that an option takes; none: any.
std::vector<std::string> choices(const CLI::Option& option);

/// "-p, --port N", or "PATH|PORT" for a positional.
std::string usage_of(const CLI::Option& option);

/// What an option does, with its default and its choices.
std::string description_of(const CLI::Option& option);

}  // namespace socketserver::tool
