#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/http/proto/etag.hpp>

namespace socketserver::http {
namespace {

constexpr EntityTag kStrong{.opaque = "1"};
constexpr EntityTag kWeak{.opaque = "1", .weak = true};
constexpr EntityTag kOther{.opaque = "2"};

TEST(EntityTag, parsed) {
  const auto strong = parse_entity_tag("\"xyzzy\"");
  ASSERT_TRUE(strong);
  EXPECT_EQ(strong->opaque, "xyzzy");
  EXPECT_FALSE(strong->weak);
  const auto weak = parse_entity_tag("W/\"xyzzy\"");
  ASSERT_TRUE(weak);
  EXPECT_EQ(weak->opaque, "xyzzy");
  EXPECT_TRUE(weak->weak);
  const auto empty = parse_entity_tag("\"\"");
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->opaque, "");
  EXPECT_EQ(parse_entity_tag("\"a,b\\\xff!#~\"")->opaque, "a,b\\\xff!#~");
}

TEST(EntityTag, refused) {
  for (const std::string_view text :
       {"", "xyzzy", "\"", "\"x", "x\"", "\"x\"y", "\"x\" ", " \"x\"", "w/\"x\"", "W\"x\"", "W/x",
        "W/ \"x\"", "\"a b\"", "\"a\tb\"", "\"a\x7f\"", "\"a\"b\"", "*", "W/", "\"x\",\"y\""}) {
    EXPECT_FALSE(parse_entity_tag(text)) << text;
  }
}

// RFC 9110 §8.8.3.2, the table.
TEST(EntityTag, compared) {
  struct Row {
    EntityTag a;
    EntityTag b;
    bool strong;
    bool weak;
  };
  for (const Row& row :
       {Row{kWeak, kWeak, false, true}, Row{kWeak, {.opaque = "2", .weak = true}, false, false},
        Row{kWeak, kStrong, false, true}, Row{kStrong, kStrong, true, true},
        Row{kStrong, kOther, false, false}}) {
    EXPECT_EQ(matches(row.a, row.b, TagComparison::strong), row.strong);
    EXPECT_EQ(matches(row.b, row.a, TagComparison::strong), row.strong);
    EXPECT_EQ(matches(row.a, row.b, TagComparison::weak), row.weak);
    EXPECT_EQ(matches(row.b, row.a, TagComparison::weak), row.weak);
  }
}

bool names(std::string_view list, TagComparison how = TagComparison::weak) {
  return list_names_tag(list, kStrong, how);
}

TEST(TagList, names) {
  for (const std::string_view list :
       {"\"1\"", "*", " * ", "\"0\", \"1\"", "\"1\", \"2\"", "\"0\",\"1\"", "\"0\"\t,\t\"1\"",
        ",, \"1\"", "\"a,\", \"1\"", "\"*\", \"1\"", "W/\"0\", \"1\"", "\"1\", x"}) {
    EXPECT_TRUE(names(list)) << list;
    EXPECT_TRUE(names(list, TagComparison::strong)) << list;
  }
}

TEST(TagList, does_not_name) {
  for (const std::string_view list :
       {"", ",", " ", "1", "\"2\"", "\"a,\"1\",b\"", "\"11\"", "\"\"", "\"0\" \"1\"", "x, \"1\"",
        "\"*\"", "*, \"2\"", "**", "\"0\"; \"1\"", "\"1", "\"1\"x"}) {
    EXPECT_FALSE(names(list)) << list;
    EXPECT_FALSE(names(list, TagComparison::strong)) << list;
  }
}

TEST(TagList, weak_members) {
  EXPECT_TRUE(names("W/\"1\""));
  EXPECT_FALSE(names("W/\"1\"", TagComparison::strong));
  EXPECT_TRUE(names("W/\"1\", \"1\"", TagComparison::strong));
}

TEST(EntityTag, of_a_coding_is_weak_and_names_it) {
  const std::string tag = weak_tag_of_coding("\"xyzzy\"", "gzip");
  EXPECT_EQ(tag, "W/\"xyzzy-gzip\"");
  const auto parsed = parse_entity_tag(tag);
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->weak);
  EXPECT_EQ(parsed->opaque, "xyzzy-gzip");
}

}  // namespace
}  // namespace socketserver::http
