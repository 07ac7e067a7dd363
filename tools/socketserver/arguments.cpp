#include "arguments.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <system_error>

namespace socketserver::tool {

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

std::uint16_t parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, ec] = std::from_chars(text.data(), end, port);
  if (ec == std::errc{} && stop == end) return port;
  throw CLI::ValidationError("port", "must be a number from 0 to 65535, not " + in_quotes(text));
}

}  // namespace socketserver::tool
