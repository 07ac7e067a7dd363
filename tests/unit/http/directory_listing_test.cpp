#include <fcntl.h>

#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/simple_handler.hpp>

#include "http/directory_listing.hpp"
#include "temporary_tree.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::TemporaryTree;
using ::testing::HasSubstr;
using ::testing::Not;
using Key = ListingOrder::Key;

ListingRequest read(std::string_view query, std::string_view accept = {}) {
  Headers headers;
  if (!accept.empty()) headers.add("Accept", accept);
  return read_listing_request(query, headers);
}

TEST(ListingRequest, order) {
  EXPECT_EQ(read("").order, ListingOrder());
  EXPECT_EQ(read("sort=name").order, ListingOrder());
  EXPECT_EQ(read("sort=size").order, (ListingOrder{.key = Key::size}));
  EXPECT_EQ(read("sort=time&order=desc").order,
            (ListingOrder{.key = Key::time, .descending = true}));
  EXPECT_EQ(read("x&order=asc&&sort=size&y=z").order, (ListingOrder{.key = Key::size}));
  EXPECT_EQ(read("sort=time&sort=size").order, (ListingOrder{.key = Key::size}));
}

TEST(ListingRequest, anything_else_is_ignored) {
  for (const std::string_view query : {"sort", "sort=", "sort=SIZE", "sorted=size", "order=down",
                                       "=", "&", "resort=size", "sort=size%00"}) {
    EXPECT_EQ(read(query).order, ListingOrder()) << query;
  }
}

TEST(ListingRequest, format) {
  EXPECT_EQ(read("format=json").format, ListingFormat::json);
  EXPECT_EQ(read("format=html", "application/json").format, ListingFormat::html);
  EXPECT_EQ(read("format=xml").format, ListingFormat::html);
  EXPECT_EQ(read("", "application/json").format, ListingFormat::json);
  EXPECT_EQ(read("", "text/plain, Application/JSON ; q=0.9").format, ListingFormat::json);
  EXPECT_EQ(read("", "text/html, application/json").format, ListingFormat::html);
  EXPECT_EQ(read("", "application/json, text/html;q=0").format, ListingFormat::json);
  EXPECT_EQ(read("", "application/json;q=0").format, ListingFormat::html);
  EXPECT_EQ(read("", "application/json; q=0.000").format, ListingFormat::html);
  EXPECT_EQ(read("", "application/json;q=0.001").format, ListingFormat::json);
  EXPECT_EQ(read("", "*/*").format, ListingFormat::html);
  EXPECT_EQ(read("", "application/*").format, ListingFormat::html);
}

class Listing : public ::testing::Test {
 protected:
  DirectoryListing listing(std::size_t limit) {
    return {UniqueFd(::open(tree.path().c_str(), O_RDONLY | O_CLOEXEC)), options, limit, {}, "/"};
  }

  std::string whole(std::size_t limit) {
    DirectoryListing all = listing(limit);
    std::string text;
    EXPECT_FALSE(all.render(text, std::string::npos));
    return text;
  }

  TemporaryTree tree;
  SimpleHTTPOptions options;
};

TEST_F(Listing, up_to_the_limit_is_sorted) {
  for (const std::string_view name : {"c", "a", "b"}) tree.file(name);
  for (const std::size_t limit : {3U, 4U}) {
    const std::string page = whole(limit);
    EXPECT_LT(page.find(">a<"), page.find(">b<"));
    EXPECT_LT(page.find(">b<"), page.find(">c<"));
    EXPECT_THAT(page, Not(HasSubstr("Too many")));
  }
}

TEST_F(Listing, beyond_the_limit_all_are_listed_unsorted) {
  for (const std::string_view name : {"c", "a", "b"}) tree.file(name);
  for (const std::size_t limit : {0U, 1U, 2U}) {
    const std::string page = whole(limit);
    for (const std::string_view text : {">a<", ">b<", ">c<", "Too many names"}) {
      EXPECT_THAT(page, HasSubstr(text));
    }
    EXPECT_EQ(page.find(">a<"), page.rfind(">a<"));
  }
}

TEST_F(Listing, in_pieces_it_is_the_same) {
  for (int i = 0; i < 100; ++i) tree.file("file" + std::to_string(i));
  for (const std::size_t limit : {10U, 1000U}) {
    DirectoryListing pieces = listing(limit);
    std::string text;
    std::string piece;
    int count = 1;
    for (; pieces.render(piece, 1000); ++count) {
      EXPECT_GE(piece.size(), 1000);
      text += piece;
      piece.clear();
    }
    EXPECT_EQ(text + piece, whole(limit));
    EXPECT_GT(count, 5);
  }
}

}  // namespace
}  // namespace socketserver::http
