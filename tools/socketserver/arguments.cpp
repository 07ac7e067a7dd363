#include "arguments.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>
#include <span>
#include <system_error>

#include <socketserver/base/error.hpp>

namespace socketserver::tool {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

constexpr std::array<Unit, 14> kSizeUnits = {{
    {"", 1},
    {"B", 1},
    {"K", std::uint64_t{1} << 10},
    {"KB", std::uint64_t{1} << 10},
    {"KiB", std::uint64_t{1} << 10},
    {"k", std::uint64_t{1} << 10},
    {"M", std::uint64_t{1} << 20},
    {"MB", std::uint64_t{1} << 20},
    {"MiB", std::uint64_t{1} << 20},
    {"m", std::uint64_t{1} << 20},
    {"G", std::uint64_t{1} << 30},
    {"GB", std::uint64_t{1} << 30},
    {"GiB", std::uint64_t{1} << 30},
    {"g", std::uint64_t{1} << 30},
}};

constexpr std::array<Unit, 5> kTimeUnits = {{
    {"", 1000},
    {"ms", 1},
    {"s", 1000},
    {"m", 60'000},
    {"h", 3'600'000},
}};

/// A number with one of the units behind it, times the factor of that; nothing when it is none or
/// more than `most`.
std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units,
                                             std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, number);
  if (ec != std::errc{}) return std::nullopt;
  const auto unit = std::ranges::find(units, std::string_view(stop, end), &Unit::name);
  if (unit == units.end() || number > most / unit->factor) return std::nullopt;
  return number * unit->factor;
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

std::string as_suffix(const std::string& name) {
  return name.starts_with(".") ? name : "." + name;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::uint16_t parse_port(std::string_view text) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint16_t>::max();
  return static_cast<std::uint16_t>(parse_number("port", text, 0, kMost));
}

std::uint64_t parse_number(const std::string& name, std::string_view text, std::uint64_t least,
                           std::uint64_t most) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, number);
  if (ec == std::errc{} && stop == end && number >= least && number <= most) return number;
  throw CLI::ValidationError(name, "must be a number from " + std::to_string(least) + " to " +
                                       std::to_string(most) + ", not " + in_quotes(text));
}

std::uint64_t parse_size(const std::string& name, std::string_view text) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (const auto size = parse_with_unit(text, kSizeUnits, kMost)) return *size;
  throw CLI::ValidationError(name,
                             "must be a size such as 512, 64K or 10M, not " + in_quotes(text));
}

Duration parse_duration(const std::string& name, std::string_view text) {
  constexpr std::uint64_t kMost = std::uint64_t{365} * 24 * 3'600'000;  // a year
  if (const auto ms = parse_with_unit(text, kTimeUnits, kMost)) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(*ms));
  }
  throw CLI::ValidationError(
      name, "must be a span of time such as 10s, 500ms or 5m, not " + in_quotes(text));
}

void check_at_once(
    CLI::Option* option,
    const std::function<void(const std::string& name, std::string_view text)>& parse) {
  const std::string name = option->get_name();
  option->check([name, parse](const std::string& text) -> std::string {
    try {
      if (!text.empty()) parse(name, text);
      return {};
    } catch (const CLI::ValidationError& error) {
      // CLI11 puts the name in front of it again.
      return std::string(error.what()).substr(name.size() + 2);
    }
  });
}

std::pair<std::string, std::string> parse_pair(const std::string& name, std::string_view text,
                                               char separator) {
  const std::size_t place = text.find(separator);
  if (place != text.npos && place > 0 && place + 1 < text.size()) {
    return {std::string(text.substr(0, place)), std::string(text.substr(place + 1))};
  }
  throw CLI::ValidationError(name, std::string("must be two words with '") + separator +
                                       "' between, not " + in_quotes(text));
}

std::filesystem::file_type type_of(const std::filesystem::path& path, const std::string& said) {
  std::error_code ec;
  const auto type = std::filesystem::status(path, ec).type();
  if (type != std::filesystem::file_type::none && type != std::filesystem::file_type::not_found) {
    return type;
  }
  throw_os_error(ec ? ec : std::make_error_code(std::errc::no_such_file_or_directory), said);
}

CLI::Option* add_repeatable(CLI::App& command, const std::string& names,
                            std::vector<std::string>& values, const std::string& help) {
  return command.add_option(names, values, help)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->allow_extra_args(false);
}

CLI::Option* add_optional_value(CLI::App& command, const std::string& name, const std::string& type,
                                std::string& value, const std::string& implied,
                                const std::string& help) {
  return command
      .add_flag(name + '{' + implied + '}', value, help + ", " + implied + " unless given")
      ->type_name("[=" + type + ']');
}

}  // namespace socketserver::tool
