#include "http/body_spool.hpp"

#include <cstddef>
#include <string>
#include <system_error>

#include <gtest/gtest.h>

#include <socketserver/http/spooled_file.hpp>

#include "full_disk.hpp"

namespace socketserver::http {
namespace {

constexpr std::size_t kMore = 100'000;  // than fits in memory

std::string take(BodySpool& spool, std::size_t most) {
  std::string taken;
  while (taken.size() < most && !spool.empty()) {
    const std::string piece(spool.front().substr(0, most - taken.size()));
    spool.consume(piece.size());
    taken += piece;
  }
  return taken;
}

std::string pattern(std::size_t size, std::size_t from = 0) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + (from + i) % 23);
  return text;
}

TEST(BodySpool, is_empty_at_first) {
  BodySpool spool;
  EXPECT_TRUE(spool.empty());
  EXPECT_EQ(spool.front(), "");
}

TEST(BodySpool, a_little) {
  BodySpool spool;
  spool.append("abc");
  spool.append("def");
  EXPECT_EQ(spool.size(), 6U);
  EXPECT_EQ(take(spool, 4), "abcd");
  spool.append("ghi");
  EXPECT_EQ(take(spool, 100), "efghi");
  EXPECT_TRUE(spool.empty());
}

TEST(BodySpool, a_lot) {
  BodySpool spool;
  for (std::size_t i = 0; i < 20; ++i) spool.append(pattern(kMore, i * kMore));
  EXPECT_EQ(spool.size(), 20 * kMore);
  EXPECT_TRUE(take(spool, 20 * kMore) == pattern(20 * kMore));
  EXPECT_TRUE(spool.empty());
}

TEST(BodySpool, in_and_out) {
  BodySpool spool;
  std::size_t in = 0;
  std::size_t out = 0;
  for (std::size_t i = 0; i < 60; ++i) {
    const std::size_t size = i * 7919 % kMore;
    spool.append(pattern(size, in));
    in += size;
    const std::string taken = take(spool, i * 104'729 % kMore);
    ASSERT_TRUE(taken == pattern(taken.size(), out)) << i;
    out += taken.size();
    ASSERT_EQ(spool.size(), in - out);
  }
  EXPECT_TRUE(take(spool, in) == pattern(in - out, out));
}

TEST(BodySpool, full_disk) {
  BodySpool spool;
  const testing::FileSizeLimit full(1024);
  try {
    spool.append(pattern(kMore));
    FAIL() << "there was room";
  } catch (const SpoolError& error) {
    EXPECT_EQ(error.code(), std::errc::file_too_large);
  }
}

TEST(BodySpool, forgets) {
  BodySpool spool;
  spool.append(pattern(kMore));
  spool.clear();
  EXPECT_TRUE(spool.empty());
  spool.append("abc");
  EXPECT_EQ(take(spool, 10), "abc");
}

}  // namespace
}  // namespace socketserver::http
