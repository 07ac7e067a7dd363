// The input is a first byte that chooses the method, then the header lines of a request.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/conditional.hpp>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;
using http::Precondition;

namespace {

constexpr http::Validators kCurrent{.tag = {.opaque = "now"}, .modified_at = 1577934245};

http::Headers parse(std::string_view lines) {
  http::Headers headers;
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(line.size() + 1, lines.size()));
    static_cast<void>(headers.add_line(line));
  }
  return headers;
}

http::Headers without(http::Headers headers, std::string_view name) {
  headers.remove(name);
  return headers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr std::string_view kMethods[] = {"GET", "HEAD", "PUT", ""};
  const std::string_view method = kMethods[data[0] % 4];
  const http::Headers headers = parse({reinterpret_cast<const char*>(data) + 1, size - 1});

  const auto result = http::evaluate_preconditions(headers, method, kCurrent);
  const auto after_removing = [&](std::string_view name) {
    return http::evaluate_preconditions(without(headers, name), method, kCurrent);
  };
  if (result == Precondition::not_modified) {
    require(method == "GET" || method == "HEAD", "only reading comes to 304");
    require(headers.contains("If-None-Match") || headers.contains("If-Modified-Since"), "if asked");
  }
  if (headers.contains("If-Match")) {
    require(after_removing("If-Unmodified-Since") == result, "If-Match goes before its date");
  }
  if (headers.contains("If-None-Match")) {
    require(after_removing("If-Modified-Since") == result, "If-None-Match goes before its date");
  }
  require(after_removing("If-Range") == result, "If-Range is no precondition");
  require(http::if_range_holds(without(headers, "If-Range"), kCurrent), "none always holds");
  static_cast<void>(http::if_range_holds(headers, kCurrent));
  return 0;
}
