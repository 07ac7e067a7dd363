#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace socketserver::tool {

/// The manual page of `program` as man(7) reads it.
std::string manpage(const CLI::App& program);

}  // namespace socketserver::tool
