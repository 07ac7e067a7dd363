#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace socketserver::tool {

/// Gives every option of `command` a variable of the environment: SOCKETSERVER_MAX_BODY for
/// `--max-body`. The command line goes before the environment. Those that may come again are left
/// to `arguments_of_environment`.
void add_environment(CLI::App& command);

/// What variables of the environment have for options that may come again and that the command line
/// has not given, as arguments: each line of a variable is a value.
std::vector<std::string> arguments_of_environment(const CLI::App& command);

/// What a file of options has that neither the command line nor the environment has given, as
/// arguments: "--max-body=1M". A file has lines `max-body = "1M"`, lists in brackets, and may begin
/// with the name of the command in brackets. A switch is `true`, `false` or, where it may have one,
/// a value.
///
/// @throws CLI::ParseError for what makes no sense; OSError when the file cannot be read.
std::vector<std::string> arguments_of_config(const std::string& file, const CLI::App& command);

/// The options of `command` that a file can have, as they are, as such a file; those that were not
/// given are comments.
std::string config_of(const CLI::App& command);

}  // namespace socketserver::tool
