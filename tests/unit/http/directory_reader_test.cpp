#include <fcntl.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>

#include "http/directory_reader.hpp"
#include "temporary_tree.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::TemporaryTree;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

UniqueFd open_directory(const std::string& path) {
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

std::vector<std::string> names_of(const std::vector<DirectoryEntry>& entries) {
  std::vector<std::string> names;
  for (const DirectoryEntry& entry : entries) names.push_back(entry.name);
  return names;
}

std::vector<DirectoryEntry> entries_in(const TemporaryTree& tree, ListingOrder order = {}) {
  auto entries = DirectoryReader(open_directory(tree.path()), false).take(1000);
  sort_entries(entries, order);
  return entries;
}

std::vector<std::string> sorted(std::vector<DirectoryEntry> entries, ListingOrder order = {}) {
  sort_entries(entries, order);
  return names_of(entries);
}

TEST(DirectoryReader, hidden_names) {
  const TemporaryTree tree;
  tree.file(".hidden");
  tree.file("..dots");
  tree.file("shown.");
  EXPECT_THAT(names_of(DirectoryReader(open_directory(tree.path()), false).take(10)),
              ElementsAre("shown."));
  EXPECT_THAT(names_of(DirectoryReader(open_directory(tree.path()), true).take(10)),
              UnorderedElementsAre("..dots", ".hidden", "shown."));
}

TEST(DirectoryReader, what_entries_are) {
  const TemporaryTree tree;
  tree.directory("dir");
  tree.file("file", "12345");
  tree.modified_at("file", 86400);
  tree.link("link", "file");
  tree.link("link_to_dir", "dir");
  tree.link("link_to_nothing", "missing");
  tree.fifo("pipe");
  const auto entries = entries_in(tree);
  ASSERT_THAT(entries, SizeIs(6));
  EXPECT_TRUE(entries[0].is_directory);
  EXPECT_FALSE(entries[0].is_link);
  EXPECT_FALSE(entries[0].is_file);
  EXPECT_FALSE(entries[1].is_directory);
  EXPECT_TRUE(entries[1].is_file);
  EXPECT_EQ(entries[1].size, 5);
  EXPECT_EQ(entries[1].modified_at, 86400);
  EXPECT_TRUE(entries[2].is_link);
  EXPECT_TRUE(entries[2].is_file);
  EXPECT_FALSE(entries[2].is_directory);
  EXPECT_EQ(entries[2].size, 4);  // of the link itself: what it leads to may be outside
  EXPECT_TRUE(entries[3].is_link);
  EXPECT_TRUE(entries[3].is_directory);
  EXPECT_TRUE(entries[4].is_link);
  EXPECT_FALSE(entries[4].is_directory);
  EXPECT_FALSE(entries[4].is_file);
  EXPECT_FALSE(entries[5].is_file);
}

TEST(DirectoryReader, takes_no_more_than_asked_for) {
  const TemporaryTree tree;
  for (const std::string_view name : {"a", "b", "c", "d", "e"}) tree.file(name);
  DirectoryReader reader(open_directory(tree.path()), false);
  EXPECT_THAT(reader.take(0), SizeIs(0));
  EXPECT_THAT(reader.take(3), SizeIs(3));
  EXPECT_TRUE(reader.next());
  EXPECT_THAT(reader.take(3), SizeIs(1));
}

TEST(DirectoryReader, no_directory) {
  const TemporaryTree tree;
  tree.file("file");
  try {
    DirectoryReader(open_directory(tree.path("file")), false).take(1);
    FAIL() << "nothing was thrown";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::not_a_directory);
    EXPECT_THAT(error.what(), HasSubstr("read directory"));
  }
}

TEST(DirectoryReader, closes_the_directory) {
  const TemporaryTree tree;
  UniqueFd directory = open_directory(tree.path());
  const int fd = directory.get();
  DirectoryReader(std::move(directory), false).take(1);
  EXPECT_EQ(::fcntl(fd, F_GETFD), -1);
}

TEST(SortEntries, HT_133_without_case_then_with) {
  const TemporaryTree tree;
  for (const std::string_view name : {"b", "A", "a", "Ab", "aa", "B", "_"}) tree.file(name);
  EXPECT_THAT(names_of(entries_in(tree)), ElementsAre("_", "A", "a", "aa", "Ab", "B", "b"));
}

TEST(SortEntries, bytes_above_ascii_keep_their_order) {
  const TemporaryTree tree;
  for (const std::string_view name : {"\xff", "z", "\xc3\xa4", "\x80"}) tree.file(name);
  EXPECT_THAT(names_of(entries_in(tree)), ElementsAre("z", "\x80", "\xc3\xa4", "\xff"));
}

const std::vector<DirectoryEntry> kMixed = {
    {.name = "big", .is_file = true, .size = 300, .modified_at = 1},
    {.name = "old_dir", .is_directory = true, .size = 9, .modified_at = 0},
    {.name = "small", .is_file = true, .size = 1, .modified_at = 3},
    {.name = "link", .is_directory = true, .is_link = true, .size = 7, .modified_at = 2},
    {.name = "Dir", .is_directory = true, .size = 99, .modified_at = 5},
    {.name = "same", .is_file = true, .size = 1, .modified_at = 3},
};

TEST(SortEntries, directories_first) {
  EXPECT_THAT(sorted(kMixed), ElementsAre("Dir", "old_dir", "big", "link", "same", "small"));
  EXPECT_THAT(sorted(kMixed, {.descending = true}),
              ElementsAre("old_dir", "Dir", "small", "same", "link", "big"));
}

TEST(SortEntries, by_size) {
  // What has no size to show has none to sort by.
  EXPECT_THAT(sorted(kMixed, {.key = ListingOrder::Key::size}),
              ElementsAre("Dir", "old_dir", "link", "same", "small", "big"));
  EXPECT_THAT(sorted(kMixed, {.key = ListingOrder::Key::size, .descending = true}),
              ElementsAre("old_dir", "Dir", "big", "small", "same", "link"));
}

TEST(SortEntries, by_time) {
  EXPECT_THAT(sorted(kMixed, {.key = ListingOrder::Key::time}),
              ElementsAre("old_dir", "Dir", "big", "link", "same", "small"));
  EXPECT_THAT(sorted(kMixed, {.key = ListingOrder::Key::time, .descending = true}),
              ElementsAre("Dir", "old_dir", "small", "same", "link", "big"));
}

}  // namespace
}  // namespace socketserver::http
