// The input is a format of the tool's access log, and, behind its first line, all that is the
// client's.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "require.hpp"
#include "tools/socketserver/log_pattern.hpp"

using socketserver::tool::LogPattern;
namespace http = socketserver::http;

namespace {

std::size_t lines(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::string_view text = all.substr(0, all.find('\n'));
  const std::string_view theirs = all.substr(std::min(text.size() + 1, all.size()));
  http::Headers headers;
  require(headers.add_line("X: y") == http::FieldError::none, "a field is taken");
  try {
    const LogPattern pattern(text);
    const http::AccessEntry entry{.client = "192.0.2.7", .requestline = theirs, .status = 200};
    const std::string line = pattern.line({.entry = entry, .headers = headers});
    require(lines(line) == 0, "a line is one");
    require(line.find('\x1b') == line.npos || text.find('\x1b') != text.npos,
            "no terminal is steered");
  } catch (const std::invalid_argument& error) {
    require(std::string_view(error.what()).size() > 0, "what is refused is said");
  }
  return 0;
}
