// The input is the header fields of a request that continues an upload, one a line.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <socketserver/http/proto/same_origin.hpp>
#include <socketserver/http/proto/upload_part.hpp>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
  std::string_view text(reinterpret_cast<const char*>(data), size);
  http::Headers headers;
  while (!text.empty()) {
    const std::size_t line = std::min(text.find('\n'), text.size());
    [[maybe_unused]] const auto error = headers.add_line(text.substr(0, line));
    text.remove_prefix(std::min(line + 1, text.size()));
  }

  if (const auto part = http::read_upload_part(headers)) {
    require(part->offset <= kLargest, "an offset is one that files have");
    require(!part->end || *part->end > part->offset, "a part has bytes");
    require(!part->total || *part->total >= part->end.value_or(part->offset), "of the file");
    require(part->total.value_or(0) <= kLargest, "a size is one that files have");
    require(headers.contains("Upload-Offset") != headers.contains("Content-Range"), "one says so");
  }

  const bool cross = http::is_cross_origin(headers);
  const bool browser = headers.contains("Origin") || headers.contains("Sec-Fetch-Site");
  require(browser || !cross, "only browsers tell of origins");
  return 0;
}
