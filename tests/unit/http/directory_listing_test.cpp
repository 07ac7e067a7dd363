#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>

#include "http/directory_listing.hpp"
#include "temporary_tree.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::TemporaryTree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

UniqueFd open_directory(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::vector<std::string> names_in(const TemporaryTree& tree, bool show_hidden = false) {
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : read_directory(open_directory(tree.path()), show_hidden)) {
    names.push_back(entry.name);
  }
  return names;
}

std::string row_of(const DirectoryEntry& entry) {
  const std::string page = render_directory({entry}, "/");
  const auto begin = page.find("<tr><td>");
  return page.substr(begin, page.find('\n', begin) - begin);
}

TEST(ReadDirectory, sorted_without_case_then_with) {
  const TemporaryTree tree;
  for (const std::string_view name : {"b", "A", "a", "Ab", "aa", "B", "_"}) tree.file(name);
  EXPECT_THAT(names_in(tree), ElementsAre("_", "A", "a", "aa", "Ab", "B", "b"));
}

TEST(ReadDirectory, bytes_above_ascii_keep_their_order) {
  const TemporaryTree tree;
  for (const std::string_view name : {"\xff", "z", "\xc3\xa4", "\x80"}) tree.file(name);
  EXPECT_THAT(names_in(tree), ElementsAre("z", "\x80", "\xc3\xa4", "\xff"));
}

TEST(ReadDirectory, hidden_names) {
  const TemporaryTree tree;
  tree.file(".hidden");
  tree.file("..dots");
  tree.file("shown.");
  EXPECT_THAT(names_in(tree), ElementsAre("shown."));
  EXPECT_THAT(names_in(tree, true), ElementsAre("..dots", ".hidden", "shown."));
}

TEST(ReadDirectory, what_entries_are) {
  const TemporaryTree tree;
  tree.directory("dir");
  tree.file("file", "12345");
  tree.modified_at("file", 86400);
  tree.link("link", "file");
  tree.link("link_to_dir", "dir");
  tree.link("link_to_nothing", "missing");
  const auto entries = read_directory(open_directory(tree.path()), false);
  ASSERT_EQ(entries.size(), 5);
  EXPECT_TRUE(entries[0].is_directory);
  EXPECT_FALSE(entries[0].is_link);
  EXPECT_FALSE(entries[1].is_directory);
  EXPECT_EQ(entries[1].size, 5);
  EXPECT_EQ(entries[1].modified_at, 86400);
  EXPECT_TRUE(entries[2].is_link);
  EXPECT_FALSE(entries[2].is_directory);
  EXPECT_EQ(entries[2].size, 4);  // of the link itself: what it leads to may be outside
  EXPECT_TRUE(entries[3].is_link);
  EXPECT_TRUE(entries[3].is_directory);
  EXPECT_TRUE(entries[4].is_link);
  EXPECT_FALSE(entries[4].is_directory);
}

TEST(ReadDirectory, no_directory) {
  const TemporaryTree tree;
  tree.file("file");
  try {
    read_directory(open_directory(tree.path("file")), false);
    FAIL() << "nothing was thrown";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::not_a_directory);
    EXPECT_THAT(error.what(), HasSubstr("read directory"));
  }
}

TEST(ReadDirectory, closes_the_directory) {
  const TemporaryTree tree;
  UniqueFd directory = open_directory(tree.path());
  const int fd = directory.get();
  read_directory(std::move(directory), false);
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST(RenderDirectory, empty) {
  EXPECT_THAT(render_directory({}, "/"), ::testing::Not(HasSubstr("<a ")));
}

TEST(RenderDirectory, page_around_the_rows) {
  const std::string page = render_directory({}, "/a & b/");
  EXPECT_THAT(page, ::testing::StartsWith("<!DOCTYPE html>\n<html lang=\"en\">\n"));
  EXPECT_THAT(page, HasSubstr("<meta charset=\"utf-8\">"));
  EXPECT_THAT(page, HasSubstr("<title>Directory listing for /a &amp; b/</title>"));
  EXPECT_THAT(page, HasSubstr("<h1>Directory listing for /a &amp; b/</h1>"));
  EXPECT_THAT(page, ::testing::EndsWith("</html>\n"));
}

TEST(RenderDirectory, rows) {
  EXPECT_EQ(row_of({.name = "file", .size = 5, .modified_at = 1577934245}),
            "<tr><td><a href=\"file\">file</a></td><td>5 B</td><td>2020-01-02 03:04</td></tr>");
  EXPECT_EQ(row_of({.name = "dir", .is_directory = true, .size = 4096, .modified_at = 0}),
            "<tr><td><a href=\"dir/\">dir/</a></td><td></td><td>1970-01-01 00:00</td></tr>");
  EXPECT_THAT(row_of({.name = "link", .is_link = true}), HasSubstr("<a href=\"link\">link@</a>"));
  EXPECT_THAT(row_of({.name = "link", .is_directory = true, .is_link = true}),
              HasSubstr("<a href=\"link/\">link@</a>"));
}

TEST(RenderDirectory, link_has_no_size) {
  EXPECT_THAT(row_of({.name = "link", .is_link = true, .size = 4096}),
              HasSubstr("link@</a></td><td></td><td>"));
}

TEST(RenderDirectory, names_are_escaped) {
  EXPECT_THAT(row_of({.name = "<&>\"'"}),
              HasSubstr("<a href=\"%3C%26%3E%22%27\">&lt;&amp;&gt;\"'</a>"));
  EXPECT_THAT(row_of({.name = "a?b#c%d e\\f"}), HasSubstr("href=\"a%3Fb%23c%25d%20e%5Cf\""));
  EXPECT_THAT(row_of({.name = "\xff\n\x01"}), HasSubstr("href=\"%FF%0A%01\""));
  EXPECT_THAT(row_of({.name = "http://x"}), HasSubstr("href=\"./http"));
}

TEST(RenderDirectory, sizes) {
  const auto size = [](std::uint64_t bytes) {
    const std::string row = row_of({.name = "f", .size = bytes});
    const auto begin = row.find("</a></td><td>") + 13;
    return row.substr(begin, row.find('<', begin) - begin);
  };
  EXPECT_EQ(size(0), "0 B");
  EXPECT_EQ(size(1023), "1023 B");
  EXPECT_EQ(size(1024), "1.0 KiB");
  EXPECT_EQ(size(1536), "1.5 KiB");
  EXPECT_EQ(size(std::uint64_t{1} << 20), "1.0 MiB");
  EXPECT_EQ(size(std::uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(size(std::uint64_t{3} << 40), "3.0 TiB");
  EXPECT_EQ(size(std::uint64_t{2} << 50), "2.0 PiB");
  EXPECT_EQ(size(std::uint64_t{8} << 60), "8192.0 PiB");
}

TEST(RenderDirectory, times_beyond_the_calendar) {
  for (const std::int64_t seconds :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_THAT(row_of({.name = "f", .modified_at = seconds}), HasSubstr(">f</a>"));
  }
}

}  // namespace
}  // namespace socketserver::http
