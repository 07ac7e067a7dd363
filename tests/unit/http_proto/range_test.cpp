#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/proto/range.hpp>

namespace socketserver::http {
namespace {

using ::testing::ElementsAre;

constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max();

/// "whole", "416", or the ranges as "first-last first-last".
std::string ranges_of(std::string_view field, std::uint64_t size = 100) {
  const RangeSet set = parse_range(field, size);
  if (set.kind == RangeSet::Kind::whole) return "whole";
  if (set.kind == RangeSet::Kind::unsatisfiable) return "416";
  std::string text;
  for (const ByteRange range : set.ranges) {
    if (!text.empty()) text += ' ';
    text += std::to_string(range.first) + '-' + std::to_string(range.last);
  }
  return text;
}

TEST(Range, HT_158_one) {
  EXPECT_EQ(ranges_of("bytes=0-0"), "0-0");
  EXPECT_EQ(ranges_of("bytes=0-99"), "0-99");
  EXPECT_EQ(ranges_of("bytes=7-9"), "7-9");
  EXPECT_EQ(ranges_of("bytes=90-"), "90-99");
  EXPECT_EQ(ranges_of("bytes=0-"), "0-99");
  EXPECT_EQ(ranges_of("bytes=007-0009"), "7-9");
}

TEST(Range, suffix) {
  EXPECT_EQ(ranges_of("bytes=-1"), "99-99");
  EXPECT_EQ(ranges_of("bytes=-100"), "0-99");
  EXPECT_EQ(ranges_of("bytes=-101"), "0-99");
  EXPECT_EQ(ranges_of("bytes=-0"), "416");
  EXPECT_EQ(ranges_of("bytes=-0,-1"), "99-99");
}

TEST(Range, cut_at_the_end) {
  EXPECT_EQ(ranges_of("bytes=99-100"), "99-99");
  EXPECT_EQ(ranges_of("bytes=0-1000"), "0-99");
}

TEST(Range, behind_the_end) {
  EXPECT_EQ(ranges_of("bytes=100-"), "416");
  EXPECT_EQ(ranges_of("bytes=100-200"), "416");
  EXPECT_EQ(ranges_of("bytes=100-,200-300"), "416");
  EXPECT_EQ(ranges_of("bytes=100-,5-6"), "5-6");
}

TEST(Range, several_in_the_order_asked_for) {
  EXPECT_EQ(ranges_of("bytes=0-0,2-3,5-"), "0-0 2-3 5-99");
  EXPECT_EQ(ranges_of("bytes=50-59,0-9,-10"), "50-59 0-9 90-99");
  EXPECT_EQ(ranges_of("bytes=0-0, 2-3 ,\t5-6"), "0-0 2-3 5-6");
  EXPECT_EQ(ranges_of("bytes=,0-0,,2-3,"), "0-0 2-3");
}

TEST(Range, overlapping_and_touching_become_one) {
  EXPECT_EQ(ranges_of("bytes=0-9,5-14"), "0-14");
  EXPECT_EQ(ranges_of("bytes=0-9,10-14"), "0-14");
  EXPECT_EQ(ranges_of("bytes=0-9,11-14"), "0-9 11-14");
  EXPECT_EQ(ranges_of("bytes=0-50,10-20"), "0-50");
  EXPECT_EQ(ranges_of("bytes=10-20,0-50"), "0-50");
  EXPECT_EQ(ranges_of("bytes=0-0,0-0,0-0"), "0-0");
  EXPECT_EQ(ranges_of("bytes=20-29,80-89,0-9,25-34"), "20-34 80-89 0-9");
  EXPECT_EQ(ranges_of("bytes=80-89,20-29,0-9,85-94"), "80-94 20-29 0-9");
  EXPECT_EQ(ranges_of("bytes=0-1,4-5,2-3"), "0-5");
}

TEST(Range, unit_is_case_insensitive_and_others_are_ignored) {
  EXPECT_EQ(ranges_of("BYTES=0-1"), "0-1");
  EXPECT_EQ(ranges_of("lines=0-1"), "whole");
  EXPECT_EQ(ranges_of("byte=0-1"), "whole");
}

TEST(Range, bad_syntax_is_ignored) {
  for (const std::string_view field : {"",
                                       "bytes",
                                       "bytes=",
                                       "bytes=,",
                                       "bytes= ",
                                       "=0-1",
                                       "bytes =0-1",
                                       "bytes=0",
                                       "bytes=-",
                                       "bytes=a-b",
                                       "bytes=0-b",
                                       "bytes=0--1",
                                       "bytes=--1",
                                       "bytes=0-1-2",
                                       "bytes=+0-1",
                                       "bytes=0 - 1",
                                       "bytes=0-1;2-3",
                                       "bytes=0-1,x",
                                       "bytes=x,0-1",
                                       "bytes=0x0-0x1",
                                       "bytes=0-1\r",
                                       "bytes=1.0-2"}) {
    EXPECT_EQ(ranges_of(field), "whole") << field;
  }
}

TEST(Range, backwards_is_ignored) {
  EXPECT_EQ(ranges_of("bytes=9-7"), "whole");
  EXPECT_EQ(ranges_of("bytes=0-1,9-7"), "whole");
}

TEST(Range, CVE_2017_7529_numbers_beyond_64_bits) {
  EXPECT_EQ(ranges_of("bytes=0-18446744073709551615"), "0-99");
  EXPECT_EQ(ranges_of("bytes=0-18446744073709551616"), "0-99");
  EXPECT_EQ(ranges_of("bytes=0-99999999999999999999999999999999"), "0-99");
  EXPECT_EQ(ranges_of("bytes=18446744073709551616-"), "416");
  EXPECT_EQ(ranges_of("bytes=99999999999999999999-99999999999999999999"), "416");
  EXPECT_EQ(ranges_of("bytes=-18446744073709551615"), "0-99");
  EXPECT_EQ(ranges_of("bytes=-18446744073709551617"), "0-99");
  EXPECT_EQ(ranges_of("bytes=-9223372036854775809,-9223372036854775809"), "0-99");
  EXPECT_EQ(ranges_of("bytes=0-18446744073709551615,5-", kLargest), "0-18446744073709551614");
}

TEST(Range, empty_representation) {
  EXPECT_EQ(ranges_of("bytes=0-", 0), "416");
  EXPECT_EQ(ranges_of("bytes=0-0", 0), "416");
  EXPECT_EQ(ranges_of("bytes=-0", 0), "416");
  EXPECT_EQ(ranges_of("bytes=-1", 0), "whole");
  EXPECT_EQ(ranges_of("bytes=0-0,-1", 0), "whole");
}

std::string scattered(int count) {
  std::string field = "bytes=";
  for (int i = 0; i < count; ++i) {
    field += std::to_string(2 * i) + '-' + std::to_string(2 * i) + ',';
  }
  return field;
}

TEST(Range, at_most_sixteen) {
  EXPECT_EQ(parse_range(scattered(16), 100).ranges.size(), 16);
  EXPECT_EQ(ranges_of(scattered(17)), "whole");
  // What counts is what is left.
  EXPECT_EQ(ranges_of(scattered(17) + "0-99"), "0-99");
  EXPECT_EQ(parse_range(scattered(40), 20).ranges.size(), 10);
}

TEST(Range, CVE_2011_3192_many_overlapping) {
  std::string field = "bytes=0-";
  for (int i = 0; i < 1300; ++i) field += ",5-" + std::to_string(i + 5);
  EXPECT_EQ(ranges_of(field), "0-99");
}

TEST(Range, order_of_many_merged) {
  EXPECT_THAT(parse_range("bytes=90-,40-49,45-60,0-1", 100).ranges,
              ElementsAre(ByteRange{90, 99}, ByteRange{40, 60}, ByteRange{0, 1}));
}

TEST(ContentRange, texts) {
  EXPECT_EQ(content_range({0, 0}, 1), "bytes 0-0/1");
  EXPECT_EQ(content_range({500, 999}, 1234), "bytes 500-999/1234");
  EXPECT_EQ(unsatisfied_range(0), "bytes */0");
  EXPECT_EQ(unsatisfied_range(kLargest), "bytes */18446744073709551615");
}

TEST(ByteRange, size) {
  EXPECT_EQ((ByteRange{5, 5}.size()), 1);
  EXPECT_EQ((ByteRange{0, kLargest - 1}.size()), kLargest);
}

}  // namespace
}  // namespace socketserver::http
