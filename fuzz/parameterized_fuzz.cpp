// The input is a field value with parameters, a file name and an extended value.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/multipart_form.hpp>
#include <socketserver/http/proto/parameterized.hpp>
#include <socketserver/http/proto/text.hpp>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto field = http::parse_parameterized(text)) {
    require(!field->value.empty(), "there is a value");
    for (const auto& [name, value] : field->parameters) {
      require(field->get(name) == value, "a name occurs once");
      require(value.find_first_of("\r\n") == std::string::npos, "a value is one line");
    }
  }
  const std::string_view name = http::base_name(text);
  require(name.find_first_of("/\\") == std::string_view::npos, "no separator is left");
  require(name != "." && name != "..", "no directory is left");
  require(std::ranges::none_of(name, [](char c) { return c >= 0 && c < ' '; }), "it can be shown");
  if (const auto decoded = http::decode_extended_value(text)) {
    require(http::is_utf8(*decoded), "it is UTF-8");
  }
  if (const auto boundary = http::multipart_boundary(text)) {
    http::MultipartParser parser(*boundary);  // throws for what is none
  }
  return 0;
}
