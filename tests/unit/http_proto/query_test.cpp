#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/proto/query.hpp>
#include <string>
#include <utility>
#include <vector>

namespace socketserver::http {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using QueryFields = std::vector<std::pair<std::string, std::string>>;

QueryFields fields_of(std::string_view text) {
  const auto fields = parse_query(text);
  return fields ? QueryFields(fields->begin(), fields->end()) : QueryFields{{"over", "limit"}};
}

TEST(Query, keeps_order_and_duplicates) {
  EXPECT_THAT(fields_of("b=1&a=2&b=3"),
              ElementsAre(Pair("b", "1"), Pair("a", "2"), Pair("b", "3")));
}

TEST(Query, of_nothing_is_empty) {
  for (const auto* text : {"", "&", "&&&"}) EXPECT_THAT(fields_of(text), IsEmpty()) << text;
}

TEST(Query, values_may_be_missing_or_empty) {
  EXPECT_THAT(fields_of("a&b=&=c&="),
              ElementsAre(Pair("a", ""), Pair("b", ""), Pair("", "c"), Pair("", "")));
}

TEST(Query, only_the_first_equals_sign_divides) {
  EXPECT_THAT(fields_of("a=b=c"), ElementsAre(Pair("a", "b=c")));
}

TEST(Query, a_semicolon_does_not_separate) {
  EXPECT_THAT(fields_of("a=1;b=2"), ElementsAre(Pair("a", "1;b=2")));
}

TEST(Query, names_and_values_are_decoded_once_and_after_splitting) {
  EXPECT_THAT(fields_of("a+b=c+d"), ElementsAre(Pair("a b", "c d")));
  EXPECT_THAT(fields_of("%26%3D=%26%3d"), ElementsAre(Pair("&=", "&=")));
  EXPECT_THAT(fields_of("a=%2541%2B%2b"), ElementsAre(Pair("a", "%41++")));
  EXPECT_THAT(fields_of("a=%C3%A9%00%ff"), ElementsAre(Pair("a", "\xc3\xa9\0\xff"s)));
}

TEST(Query, what_is_no_escape_stays) {
  EXPECT_THAT(fields_of("a=%&b=%4&c=%zz&d=%%41"),
              ElementsAre(Pair("a", "%"), Pair("b", "%4"), Pair("c", "%zz"), Pair("d", "%A")));
}

TEST(Query, is_bounded_in_bytes_and_count) {
  EXPECT_TRUE(parse_query("a=1&b=2", {.bytes = 7, .count = 2}));
  EXPECT_FALSE(parse_query("a=1&b=2", {.bytes = 6, .count = 2}));
  EXPECT_FALSE(parse_query("a=1&b=2", {.bytes = 7, .count = 1}));
  // Empty fields are none.
  EXPECT_TRUE(parse_query("a=1&&&&", {.bytes = 7, .count = 1}));
}

TEST(Parameters, are_looked_up_by_name) {
  const auto fields = parse_query("a=1&b=2&a=3&e=");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->get("a"), "1");
  EXPECT_EQ(fields->get("A"), std::nullopt);
  EXPECT_EQ(fields->get("e"), "");
  EXPECT_THAT(fields->get_all("a"), ElementsAre("1", "3"));
  EXPECT_EQ((*fields)["b"], "2");
  EXPECT_EQ((*fields)["c"], "");
  EXPECT_TRUE(fields->contains("e"));
  EXPECT_FALSE(fields->contains("c"));
  EXPECT_EQ(fields->size(), 4u);
  EXPECT_FALSE(fields->empty());
}

}  // namespace
}  // namespace socketserver::http
