// The input is the size of a representation in its first eight bytes, then a Range field.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <socketserver/http/proto/multipart_ranges.hpp>
#include <socketserver/http/proto/range.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"

namespace http = socketserver::http;

namespace {

std::string field_of(const std::vector<http::ByteRange>& ranges) {
  std::string field = "bytes=";
  for (const http::ByteRange range : ranges) {
    field += std::to_string(range.first) + '-' + std::to_string(range.last) + ',';
  }
  return field;
}

void check_ranges(std::vector<http::ByteRange> ranges, std::uint64_t size) {
  require(!ranges.empty() && ranges.size() <= http::kMaxRanges, "one range to sixteen");
  require(http::parse_range(field_of(ranges), size).ranges == ranges, "asked again, the same");
  std::ranges::sort(ranges, {}, &http::ByteRange::first);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    require(ranges[i].first <= ranges[i].last && ranges[i].last < size, "within what there is");
    require(i == 0 || ranges[i - 1].last + 1 < ranges[i].first, "neither overlap nor touch");
    total += ranges[i].size();
  }
  require(total <= size, "never more than there is");
  if (size > std::uint64_t{1} << 62) return;  // no file; the heads could make it overflow
  const http::MultipartRanges parts(ranges, size, "a/b", "boundary");
  require(parts.content_length() > total, "the parts have heads");
  require(parts.content_length() < total + 4096, "which are small");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint64_t length = 0;
  if (size < sizeof length) return 0;
  std::memcpy(&length, data, sizeof length);
  const std::string_view field(reinterpret_cast<const char*>(data) + sizeof length,
                               size - sizeof length);
  const http::RangeSet set = http::parse_range(field, length);
  const bool partial = set.kind == http::RangeSet::Kind::partial;
  require(partial != set.ranges.empty(), "ranges are there when they are to be sent");
  if (partial) check_ranges(set.ranges, length);
  return 0;
}
