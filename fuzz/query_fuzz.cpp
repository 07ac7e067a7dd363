// The input is a query string.

#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/query.hpp>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto fields = http::parse_query(text, {.bytes = size, .count = size});
  require(fields.has_value(), "there are no more fields than bytes");
  std::size_t bytes = 0;
  for (const auto& [name, value] : *fields) {
    bytes += name.size() + value.size();
    require(fields->contains(name), "a name is found");
  }
  require(bytes <= size, "decoding makes nothing longer");
  const auto few = http::parse_query(text, {.bytes = size, .count = 3});
  require(few.has_value() == (fields->size() <= 3), "the limit is exact");
  return 0;
}
