// The input is gzip data, and then also content to compress.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <socketserver/xmlrpc/codec/gzip.hpp>

#include "require.hpp"

namespace xmlrpc = socketserver::xmlrpc;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 100'000;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const xmlrpc::GzipResult result = xmlrpc::gzip_decode(bytes, kMost);
  require(!result.data || result.data->size() <= kMost, "limits hold");
  require(xmlrpc::gzip_decode(xmlrpc::gzip_encode(bytes), size).data == bytes, "round trip");
  return 0;
}
