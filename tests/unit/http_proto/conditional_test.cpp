#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/http/proto/conditional.hpp>

namespace socketserver::http {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

constexpr std::string_view kBefore = "Thu, 02 Jan 2020 03:04:04 GMT";
constexpr std::string_view kThen = "Thu, 02 Jan 2020 03:04:05 GMT";
constexpr std::string_view kAfter = "Thu, 02 Jan 2020 03:04:06 GMT";
constexpr Validators kCurrent{.tag = {.opaque = "now"}, .modified_at = 1577934245};
constexpr Validators kWeakCurrent{.tag = {.opaque = "now", .weak = true},
                                  .modified_at = 1577934245};

Headers request(const Fields& fields) {
  Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return headers;
}

/// 200, 304 or 412.
int status(const Fields& fields, std::string_view method = "GET",
           const Validators& current = kCurrent) {
  switch (evaluate_preconditions(request(fields), method, current)) {
    case Precondition::pass:
      return 200;
    case Precondition::not_modified:
      return 304;
    case Precondition::failed:
      return 412;
  }
  return 0;
}

TEST(Preconditions, none) {
  EXPECT_EQ(status({}), 200);
}

TEST(Preconditions, if_match) {
  EXPECT_EQ(status({{"If-Match", "\"now\""}}), 200);
  EXPECT_EQ(status({{"If-Match", "*"}}), 200);
  EXPECT_EQ(status({{"If-Match", "\"old\", \"now\""}}), 200);
  EXPECT_EQ(status({{"If-Match", "\"old\""}}), 412);
  EXPECT_EQ(status({{"If-Match", "W/\"now\""}}), 412);
  EXPECT_EQ(status({{"If-Match", "\"now\""}}, "GET", kWeakCurrent), 412);
  EXPECT_EQ(status({{"If-Match", ""}}), 412);
  EXPECT_EQ(status({{"If-Match", "now"}}), 412);
}

TEST(Preconditions, if_unmodified_since) {
  EXPECT_EQ(status({{"If-Unmodified-Since", kThen}}), 200);
  EXPECT_EQ(status({{"If-Unmodified-Since", kAfter}}), 200);
  EXPECT_EQ(status({{"If-Unmodified-Since", kBefore}}), 412);
  EXPECT_EQ(status({{"If-Unmodified-Since", "yesterday"}}), 200);
  EXPECT_EQ(status({{"If-Unmodified-Since", kBefore}}, "PUT"), 412);
}

TEST(Preconditions, if_match_goes_before_if_unmodified_since) {
  EXPECT_EQ(status({{"If-Match", "\"now\""}, {"If-Unmodified-Since", kBefore}}), 200);
  EXPECT_EQ(status({{"If-Match", "\"old\""}, {"If-Unmodified-Since", kAfter}}), 412);
}

TEST(Preconditions, if_none_match) {
  EXPECT_EQ(status({{"If-None-Match", "\"old\""}}), 200);
  EXPECT_EQ(status({{"If-None-Match", "\"now\""}}), 304);
  EXPECT_EQ(status({{"If-None-Match", "W/\"now\""}}), 304);
  EXPECT_EQ(status({{"If-None-Match", "\"now\""}}, "GET", kWeakCurrent), 304);
  EXPECT_EQ(status({{"If-None-Match", "\"old\", W/\"now\""}}), 304);
  EXPECT_EQ(status({{"If-None-Match", "*"}}), 304);
  EXPECT_EQ(status({{"If-None-Match", "now"}}), 200);
}

TEST(Preconditions, if_none_match_by_method) {
  EXPECT_EQ(status({{"If-None-Match", "*"}}, "HEAD"), 304);
  EXPECT_EQ(status({{"If-None-Match", "*"}}, "PUT"), 412);
  EXPECT_EQ(status({{"If-None-Match", "\"old\""}}, "PUT"), 200);
}

TEST(Preconditions, HT_152_if_modified_since) {
  EXPECT_EQ(status({{"If-Modified-Since", kThen}}), 304);
  EXPECT_EQ(status({{"If-Modified-Since", kAfter}}), 304);
  EXPECT_EQ(status({{"If-Modified-Since", kBefore}}), 200);
  EXPECT_EQ(status({{"If-Modified-Since", kThen}}, "HEAD"), 304);
  EXPECT_EQ(status({{"If-Modified-Since", kThen}}, "PUT"), 200);
  EXPECT_EQ(status({{"If-Modified-Since", "tomorrow"}}), 200);
}

TEST(Preconditions, HT_153_if_none_match_goes_before_if_modified_since) {
  EXPECT_EQ(status({{"If-None-Match", "\"old\""}, {"If-Modified-Since", kAfter}}), 200);
  EXPECT_EQ(status({{"If-None-Match", "\"now\""}, {"If-Modified-Since", kBefore}}), 304);
}

TEST(Preconditions, all_of_them) {
  EXPECT_EQ(status({{"If-Match", "\"old\""}, {"If-None-Match", "\"now\""}}), 412);
  EXPECT_EQ(status({{"If-Match", "\"now\""}, {"If-None-Match", "\"now\""}}), 304);
  EXPECT_EQ(status({{"If-Unmodified-Since", kThen}, {"If-Modified-Since", kThen}}), 304);
}

TEST(Preconditions, several_fields_are_one_list) {
  EXPECT_EQ(status({{"If-Match", "\"old\""}, {"If-Match", "\"now\""}}), 200);
  EXPECT_EQ(status({{"If-None-Match", "\"old\""}, {"if-none-match", "\"now\""}}), 304);
}

bool range_counts(const Fields& fields, const Validators& current = kCurrent) {
  return if_range_holds(request(fields), current);
}

TEST(IfRange, holds) {
  EXPECT_TRUE(range_counts({}));
  EXPECT_TRUE(range_counts({{"If-Range", "\"now\""}}));
  EXPECT_TRUE(range_counts({{"If-Range", kThen}}));
}

TEST(IfRange, does_not_hold) {
  EXPECT_FALSE(range_counts({{"If-Range", "\"old\""}}));
  EXPECT_FALSE(range_counts({{"If-Range", "W/\"now\""}}));
  EXPECT_FALSE(range_counts({{"If-Range", "\"now\""}}, kWeakCurrent));
  EXPECT_FALSE(range_counts({{"If-Range", kBefore}}));
  EXPECT_FALSE(range_counts({{"If-Range", kAfter}}));  // exactly, not at least
  EXPECT_FALSE(range_counts({{"If-Range", "now"}}));
  EXPECT_FALSE(range_counts({{"If-Range", "*"}}));
  EXPECT_FALSE(range_counts({{"If-Range", ""}}));
  EXPECT_FALSE(range_counts({{"If-Range", "\"old\", \"now\""}}));
  EXPECT_FALSE(range_counts({{"If-Range", "\"now\""}, {"If-Range", "\"now\""}}));
}

}  // namespace
}  // namespace socketserver::http
