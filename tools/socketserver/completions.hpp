#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace socketserver::tool {

/// A script for bash, zsh or fish that completes the command line of `program`.
std::string completions(const CLI::App& program, const std::string& shell);

}  // namespace socketserver::tool
