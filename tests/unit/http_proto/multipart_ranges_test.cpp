#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <socketserver/http/proto/multipart_ranges.hpp>

namespace socketserver::http {
namespace {

std::string body_of(const MultipartRanges& parts, const std::string& content) {
  std::string body;
  for (std::size_t i = 0; i < parts.ranges().size(); ++i) {
    const ByteRange range = parts.ranges()[i];
    body += parts.part_head(i) + content.substr(range.first, range.size());
  }
  return body + parts.end();
}

TEST(MultipartRanges, layout) {
  const MultipartRanges parts({{0, 1}, {7, 9}}, 10, "text/plain", "B");
  EXPECT_EQ(parts.content_type(), "multipart/byteranges; boundary=B");
  EXPECT_EQ(body_of(parts, "0123456789"),
            "\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/10\r\n\r\n01"
            "\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 7-9/10\r\n\r\n789"
            "\r\n--B--\r\n");
}

TEST(MultipartRanges, type_unknown) {
  EXPECT_EQ(MultipartRanges({{0, 1}}, 10, "", "B").part_head(0),
            "\r\n--B\r\nContent-Range: bytes 0-1/10\r\n\r\n");
}

TEST(MultipartRanges, length_is_that_of_the_body) {
  std::vector<ByteRange> ranges;
  for (std::uint64_t i = 0; i < 16; ++i) {
    ranges.push_back({i * 100, i * 100 + i});
    const MultipartRanges parts(ranges, 2000, "text/html; charset=utf-8", "boundary");
    EXPECT_EQ(parts.content_length(), body_of(parts, std::string(2000, 'x')).size());
  }
}

TEST(MultipartRanges, length_beyond_32_bits) {
  const std::uint64_t size = std::uint64_t{1} << 62;
  const MultipartRanges parts({{0, size / 2}, {size / 2 + 2, size - 1}}, size, "a/b", "B");
  EXPECT_GT(parts.content_length(), size);
}

}  // namespace
}  // namespace socketserver::http
