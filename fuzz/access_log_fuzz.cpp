// The input is everything of the client's in a line of an access log.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/access_log.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

namespace {

/// Quotes that begin or end something, not those behind a backslash.
std::size_t bare_quotes(std::string_view line) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      ++count;
    }
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const http::AccessEntry entry{.client = "192.0.2.7",
                                .requestline = text,
                                .referer = text,
                                .user_agent = text,
                                .host = text,
                                .status = 200};
  for (const std::string& line : {http::format_common_log(entry), http::format_combined_log(entry),
                                  http::format_json_log(entry)}) {
    require(std::ranges::none_of(line,
                                 [](char c) {
                                   const auto byte = static_cast<unsigned char>(c);
                                   return byte < 0x20 || byte == 0x7f;
                                 }),
            "a line has no control characters");
  }
  require(bare_quotes(http::format_common_log(entry)) == 2, "one field in quotes");
  require(bare_quotes(http::format_combined_log(entry)) == 6, "three fields in quotes");
  require(bare_quotes(http::format_json_log(entry)) % 2 == 0, "every quote is closed");
  return 0;
}
