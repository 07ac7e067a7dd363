// The input is the value of an Authorization field.

#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/basic_credentials.hpp>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view field(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = http::decode_base64(field)) {
    require(bytes->size() <= field.size() * 3 / 4, "three bytes of four digits");
  }
  if (const auto credentials = http::parse_basic_credentials(field)) {
    require(credentials->user.find(':') == std::string::npos, "a user has no colon");
    require(credentials->user.size() + credentials->password.size() < field.size(), "no more");
    for (const char c : credentials->user + credentials->password) {
      require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f, "no control characters");
    }
  }
  return 0;
}
