// The input is gzip data, whole and in pieces, and then also content to compress.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/xmlrpc/codec/gzip.hpp>

#include "require.hpp"
#include "xmlrpc/codec/gzip_reader.hpp"

namespace xmlrpc = socketserver::xmlrpc;

namespace {

std::optional<std::string> read(std::string_view data, std::size_t piece, std::size_t max_bytes,
                                std::size_t times) {
  std::string place;
  const auto next_piece = [&]() -> std::string_view {
    std::string(data.substr(0, piece)).swap(place);  // what was given before is gone
    data.remove_prefix(std::min(piece, data.size()));
    return place;
  };
  xmlrpc::GzipReader reader(next_piece, max_bytes, times);
  std::string content;
  for (auto text = reader.next(); !text.empty(); text = reader.next()) content += text;
  if (reader.error()) return std::nullopt;
  return content;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kMost = 100'000;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const xmlrpc::GzipResult result = xmlrpc::gzip_decode(bytes, kMost);
  require(!result.data || result.data->size() <= kMost, "limits hold");
  for (const std::size_t piece : {std::size_t{1}, 1 + size / 3, 1 + size}) {
    require(read(bytes, piece, kMost, 0) == result.data, "cuts decide nothing");
    const auto content = read(bytes, piece, kMost, 2);
    const bool fits = result.data && result.data->size() <= xmlrpc::most_content(size, 2);
    require(content.has_value() == fits, "what is allowed is read, and nothing else");
  }
  require(xmlrpc::gzip_decode(xmlrpc::gzip_encode(bytes), size).data == bytes, "round trip");
  return 0;
}
