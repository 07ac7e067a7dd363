// The input is a JSON text. What was read is the same after it was written and read again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/codec/json.hpp>

#include "require.hpp"

namespace xmlrpc = socketserver::xmlrpc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const xmlrpc::JSONResult result =
      xmlrpc::loads_json(text, {.bytes = 4096, .depth = 8, .values = 200});
  require(result.value.has_value() == result.error.empty(), "either a value or an error");
  if (!result.value) return 0;
  require(size <= 4096, "limits hold");
  const std::string written = xmlrpc::dumps_json(*result.value);
  const xmlrpc::JSONResult again = xmlrpc::loads_json(written);
  require(again.value == result.value, "what was written is read");
  require(xmlrpc::dumps_json(*again.value) == written, "and written the same");
  return 0;
}
