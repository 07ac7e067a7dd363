#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/gzip.hpp>

namespace socketserver::xmlrpc {
namespace {

std::string varied(std::size_t size) {
  std::string data;
  unsigned state = 1;
  while (data.size() < size)
    data.push_back(static_cast<char>((state = state * 1103515245 + 12345) >> 16));
  return data;
}

void expect_refused(const std::string& data, GzipError error, std::size_t max_bytes = 1000) {
  const GzipResult result = gzip_decode(data, max_bytes);
  EXPECT_FALSE(result.data);
  EXPECT_EQ(result.error, error);
}

TEST(Gzip, round_trips) {
  for (const std::size_t size : {0U, 1U, 1000U, 65536U, 65537U, 300000U}) {
    for (const std::string& data : {std::string(size, 'x'), varied(size)}) {
      EXPECT_EQ(gzip_decode(gzip_encode(data)).data, data);
      EXPECT_EQ(gzip_decode(gzip_encode(data), size).data, data);
    }
  }
}

TEST(Gzip, is_gzip) {
  EXPECT_TRUE(gzip_encode("x").starts_with("\x1f\x8b\x08"));
}

TEST(Gzip, one_byte_too_many) {
  expect_refused(gzip_encode(varied(1001)), GzipError::too_large);
  expect_refused(gzip_encode("x"), GzipError::too_large, 0);
  EXPECT_EQ(gzip_decode(gzip_encode(""), 0).data, "");
}

TEST(Gzip, truncated_at_every_byte) {
  const std::string data = gzip_encode("some text, and some more");
  for (std::size_t size = 0; size < data.size(); ++size) {
    expect_refused(data.substr(0, size), GzipError::invalid_data);
  }
}

TEST(Gzip, every_byte_of_the_stream_counts) {
  const std::string text = "some text, and some more";
  const std::string data = gzip_encode(text);
  for (std::size_t i = 10; i < data.size(); ++i) {  // behind time and system of the head
    std::string changed = data;
    changed[i] = static_cast<char>(changed[i] ^ 0x01);
    EXPECT_NE(gzip_decode(changed, 1000).data, text) << i;
  }
}

TEST(Gzip, trailing_bytes_and_other_formats) {
  expect_refused(gzip_encode("x") + "y", GzipError::invalid_data);
  expect_refused(gzip_encode("x") + gzip_encode("y"), GzipError::invalid_data);
  expect_refused("", GzipError::invalid_data);
  expect_refused("plain text", GzipError::invalid_data);
  expect_refused("\x78\x9c\x4b\x04", GzipError::invalid_data);  // zlib
}

// What is held stays within the limit, whatever would come of it.
TEST(Gzip, bombs) {
  const std::string bomb = gzip_encode(std::string(std::size_t{64} * 1024 * 1024, '\0'));
  EXPECT_LT(bomb.size(), 400'000U);
  expect_refused(bomb, GzipError::too_large, std::size_t{20} * 1024 * 1024);
  expect_refused(bomb, GzipError::too_large, 1000);
}

}  // namespace
}  // namespace socketserver::xmlrpc
