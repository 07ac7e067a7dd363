#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/base/deadline.hpp>

namespace socketserver::tool {

/// What CLI11 gives a flag that stands alone.
inline constexpr const char* kFlagAlone = "true";

/// `text` as messages quote what the user has typed.
std::string in_quotes(std::string_view text);

/// Whether `text` is digits and nothing else.
bool is_number(std::string_view text);

/// The suffix of file names that is meant, with or without its dot: ".py".
std::string as_suffix(const std::string& name);

// What follows reads a value of the option `name`, and throws CLI::ValidationError, which names
// both, when it makes no sense.

std::uint16_t parse_port(std::string_view text);

/// A number from `least` to `most`.
std::uint64_t parse_number(const std::string& name, std::string_view text, std::uint64_t least,
                           std::uint64_t most);

/// Bytes: "512", or with a unit of 1024, "64K", "10M", "2G", also "64KiB" and "64KB".
std::uint64_t parse_size(const std::string& name, std::string_view text);

/// A span of time: "10" is seconds; "500ms", "10s", "5m", "2h".
Duration parse_duration(const std::string& name, std::string_view text);

/// Has CLI11 refuse at once what `parse` will, so that it does not go unnoticed where the options
/// are only printed. "" is as if there were no value.
void check_at_once(
    CLI::Option* option,
    const std::function<void(const std::string& name, std::string_view text)>& parse);

/// The two sides of "KEY=VALUE", or of another separator; neither may be empty.
std::pair<std::string, std::string> parse_pair(const std::string& name, std::string_view text,
                                               char separator);

/// What is at `path`, links followed.
///
/// @param said  what a message calls it: `--upload: "in"`.
/// @throws OSError when nothing is there.
std::filesystem::file_type type_of(const std::filesystem::path& path, const std::string& said);

/// An option that may come again, and never takes the positional behind it.
CLI::Option* add_repeatable(CLI::App& command, const std::string& names,
                            std::vector<std::string>& values, const std::string& help);

/// A flag that may have a value, `--name=TYPE`; `implied` without one. `value` stays empty unless
/// it is given.
CLI::Option* add_optional_value(CLI::App& command, const std::string& name, const std::string& type,
                                std::string& value, const std::string& implied,
                                const std::string& help);

}  // namespace socketserver::tool
