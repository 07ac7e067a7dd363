#include <fcntl.h>

#include <set>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/etag.hpp>

#include "http/file_content.hpp"
#include "temporary_tree.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::TemporaryTree;

OpenedPath file(std::uint64_t size, std::int64_t seconds, std::int64_t nanoseconds,
                std::uint64_t inode) {
  OpenedPath opened;
  opened.size = size;
  opened.modified_at = seconds;
  opened.modified_ns = nanoseconds;
  opened.inode = inode;
  return opened;
}

TEST(MakeEntityTag, is_strong) {
  const std::string text = make_entity_tag(file(5, 1577934245, 678, 42));
  const auto tag = parse_entity_tag(text);
  ASSERT_TRUE(tag);
  EXPECT_FALSE(tag->weak);
  EXPECT_EQ(text, make_entity_tag(file(5, 1577934245, 678, 42)));
}

TEST(MakeEntityTag, numbers_of_all_sizes) {
  for (std::uint64_t size = 1; size != 0; size <<= 4) {
    std::ostringstream expected;
    expected << '"' << std::hex << size << '-';
    const std::string tag = make_entity_tag(file(size, 100, 7, 42));
    EXPECT_TRUE(tag.starts_with(expected.str())) << tag;
  }
  EXPECT_TRUE(make_entity_tag(file(0, 100, 7, 42)).starts_with("\"0-"));
  EXPECT_TRUE(make_entity_tag(file(~std::uint64_t{0}, 1, 2, 3)).starts_with("\"ffffffffffffffff-"));
}

TEST(MakeEntityTag, changes_with_everything) {
  const std::set<std::string> tags = {
      make_entity_tag(file(5, 100, 7, 42)), make_entity_tag(file(6, 100, 7, 42)),
      make_entity_tag(file(5, 101, 7, 42)), make_entity_tag(file(5, 100, 8, 42)),
      make_entity_tag(file(5, 100, 7, 43)), make_entity_tag(file(5, -100, 7, 42))};
  EXPECT_EQ(tags.size(), 6);
}

TEST(MakeEntityTag, CVE_2003_1418_does_not_show_the_inode) {
  EXPECT_EQ(make_entity_tag(file(5, 0, 0, 0xabcdef)).find("abcdef"), std::string::npos);
}

TEST(RandomBoundary, differs_each_time) {
  std::set<std::string> boundaries;
  for (int i = 0; i < 100; ++i) {
    const std::string boundary = random_boundary();
    EXPECT_LE(boundary.size(), 70);
    EXPECT_EQ(boundary.find_first_not_of("0123456789abcdefx"), std::string::npos);
    boundaries.insert(boundary);
  }
  EXPECT_EQ(boundaries.size(), 100);
}

TEST(ReadFile, pieces) {
  const TemporaryTree tree;
  tree.file("f", "0123456789");
  const UniqueFd fd(::open(tree.path("f").c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(read_file(fd.get(), 0, 10), "0123456789");
  EXPECT_EQ(read_file(fd.get(), 3, 4), "3456");
  EXPECT_EQ(read_file(fd.get(), 8, 10), "89");
  EXPECT_EQ(read_file(fd.get(), 10, 1), "");
  EXPECT_EQ(read_file(fd.get(), 0, 0), "");
  EXPECT_THROW(read_file(-1, 0, 1), OSError);
}

}  // namespace
}  // namespace socketserver::http
