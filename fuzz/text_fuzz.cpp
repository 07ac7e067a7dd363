// The input is any text; each function must make it safe for the place that it is meant for.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/text.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

namespace {

bool has_any(std::string_view text, std::string_view bytes) {
  return text.find_first_of(bytes) != std::string_view::npos;
}

bool is_printable_ascii(char c) {
  return c >= ' ' && c <= '~';
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || (byte >= 0x7f && byte <= 0x9f);
}

std::size_t count(std::string_view text, std::string_view piece) {
  std::size_t found = 0;
  for (auto at = text.find(piece); at != text.npos; at = text.find(piece, at + 1)) ++found;
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);

  const std::string html = http::escape_html(text);
  require(!has_any(html, "<>"), "escaped text has no tags");
  require(html.size() <= 5 * size, "an entity is at most five bytes without quotes");
  require(!has_any(http::escape_html(text, true), "<>\"'"), "nor quotes when asked for");

  const std::string json = http::escape_json(text);
  require(std::none_of(json.begin(), json.end(), [](char c) { return c >= 0 && c < ' '; }),
          "escaped text has no control characters");
  require(json.size() <= 6 * size, "a JSON escape is at most six bytes");
  require(count(http::escape_json(json), "\xef\xbf\xbd") == count(json, "\xef\xbf\xbd"),
          "what was made is UTF-8");

  const std::string url = http::percent_encode_path(text);
  require(std::all_of(url.begin(), url.end(), is_printable_ascii), "encoded paths are ASCII");
  require(!has_any(url, " \"#<>?\\&'"), "encoded paths have no delimiters but the slash");
  require(http::percent_decode(url) == text, "what was encoded is decoded to the same");
  require(http::percent_decode(text).size() <= size, "decoding never grows");

  const std::string log = http::escape_log(text);
  require(std::none_of(log.begin(), log.end(), is_control), "logs have no control characters");
  require(log.size() <= 4 * size, "log escapes are four bytes");

  const std::string quoted = http::repr(text);
  require(std::all_of(quoted.begin(), quoted.end(), is_printable_ascii), "repr is ASCII");
  require(quoted.size() >= 2 && quoted.front() == quoted.back(), "repr has quotes around it");
  require(quoted.size() <= 4 * size + 2, "repr escapes are at most four bytes");
  return 0;
}
