#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace socketserver::tool {

/// `text` as messages quote what the user has typed.
std::string in_quotes(std::string_view text);

/// @throws CLI::ValidationError when `text` is no number from 0 to 65535.
std::uint16_t parse_port(std::string_view text);

}  // namespace socketserver::tool
