#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/json_listing.hpp"

namespace socketserver::http {
namespace {

using ::testing::HasSubstr;

std::string text_of(const std::vector<DirectoryEntry>& entries, const ListingHead& head) {
  JsonListing listing;
  std::string text;
  listing.begin(text, head);
  for (const DirectoryEntry& entry : entries) listing.add(text, entry);
  listing.end(text);
  return text;
}

std::string text_of(const DirectoryEntry& entry) {
  return text_of({entry}, {.title = "/"});
}

TEST(JsonListing, empty) {
  EXPECT_EQ(text_of({}, {.title = "/a/"}),
            "{\"path\": \"/a/\", \"sorted\": true, \"entries\": [\n]}\n");
  EXPECT_THAT(text_of({}, {.title = "/", .sorted = false}), HasSubstr("\"sorted\": false"));
}

TEST(JsonListing, entries) {
  EXPECT_EQ(text_of({{.name = "dir", .is_directory = true, .size = 4096, .modified_at = 0},
                     {.name = "file", .is_file = true, .size = 5, .modified_at = 1577934245}},
                    {.title = "/"}),
            "{\"path\": \"/\", \"sorted\": true, \"entries\": [\n"
            "{\"name\": \"dir\", \"href\": \"dir/\", \"type\": \"directory\", \"link\": false, "
            "\"size\": null, \"modified\": \"1970-01-01T00:00:00Z\"},\n"
            "{\"name\": \"file\", \"href\": \"file\", \"type\": \"file\", \"link\": false, "
            "\"size\": 5, \"modified\": \"2020-01-02T03:04:05Z\"}\n]}\n");
}

TEST(JsonListing, links_and_others) {
  EXPECT_THAT(text_of({.name = "l", .is_file = true, .is_link = true, .size = 9}),
              HasSubstr("\"type\": \"file\", \"link\": true, \"size\": null"));
  EXPECT_THAT(text_of({.name = "l", .is_directory = true, .is_link = true}),
              HasSubstr("\"href\": \"l/\", \"type\": \"directory\", \"link\": true"));
  EXPECT_THAT(text_of({.name = "l", .is_link = true}), HasSubstr("\"type\": \"other\""));
  EXPECT_THAT(text_of({.name = "pipe"}), HasSubstr("\"type\": \"other\", \"link\": false"));
}

TEST(JsonListing, names_are_escaped) {
  EXPECT_THAT(text_of({.name = "\"\\\n"}),
              HasSubstr("\"name\": \"\\\"\\\\\\u000a\", \"href\": \"%22%5C%0A\""));
  EXPECT_THAT(text_of({.name = "\xff"}),
              HasSubstr("\"name\": \"\xef\xbf\xbd\", \"href\": \"%FF\""));
  EXPECT_THAT(text_of({.name = "a:b"}), HasSubstr("\"href\": \"./a%3Ab\""));
  EXPECT_THAT(text_of({}, {.title = "/\"/"}), HasSubstr("\"path\": \"/\\\"/\""));
}

TEST(JsonListing, time_beyond_the_calendar) {
  EXPECT_THAT(text_of({.name = "f", .modified_at = std::numeric_limits<std::int64_t>::max()}),
              HasSubstr("\"modified\": null"));
}

}  // namespace
}  // namespace socketserver::http
