#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <socketserver/http/spooled_file.hpp>
#include <string>

#include "full_disk.hpp"
#include "http/nameless_file.hpp"
#include "temporary_tree.hpp"

namespace socketserver::http {
namespace {

using socketserver::testing::FileSizeLimit;
using socketserver::testing::TemporaryTree;

std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(SpooledFile, stays_in_memory_as_long_as_it_is_small) {
  const TemporaryTree tree;
  SpooledFile file(10, tree.path());
  file.write("01234");
  file.write("56789");
  EXPECT_TRUE(file.in_memory());
  EXPECT_EQ(file.fileno(), -1);
  EXPECT_EQ(file.size(), 10u);
  EXPECT_EQ(file.read(3, 4), "3456");
  EXPECT_EQ(file.read(8, 4), "89");
  EXPECT_EQ(file.read(10, 4), "");
  EXPECT_EQ(file.read(100, 4), "");
  EXPECT_EQ(file.read_all(10), "0123456789");
}

TEST(SpooledFile, goes_to_a_file_without_a_name) {
  const TemporaryTree tree;
  SpooledFile file(10, tree.path());
  file.write("0123456789");
  file.write("a");
  file.write("b");
  EXPECT_FALSE(file.in_memory());
  EXPECT_EQ(file.size(), 12u);
  EXPECT_EQ(file.read(8, 100), "89ab");
  EXPECT_EQ(file.read(12, 1), "");
  EXPECT_EQ(file.read_all(12), "0123456789ab");
  EXPECT_TRUE(std::filesystem::is_empty(tree.path()));

  struct stat status {};
  ASSERT_EQ(::fstat(file.fileno(), &status), 0);
  EXPECT_EQ(status.st_nlink, 0u);
  EXPECT_EQ(status.st_mode & 0777U, 0600u);
}

TEST(SpooledFile, file_systems_without_nameless_files_serve_too) {
  const TemporaryTree tree;
  const UniqueFd file = open_unlinked(tree.path());
  ASSERT_TRUE(file);
  EXPECT_TRUE(std::filesystem::is_empty(tree.path()));
  struct stat status {};
  ASSERT_EQ(::fstat(file.get(), &status), 0);
  EXPECT_EQ(status.st_nlink, 0u);
  EXPECT_EQ(status.st_mode & 0777U, 0600u);
}

TEST(SpooledFile, keeps_nothing_in_memory_if_told_so) {
  const TemporaryTree tree;
  SpooledFile file(0, tree.path());
  file.write("");
  EXPECT_TRUE(file.in_memory());
  file.write("a");
  EXPECT_FALSE(file.in_memory());
}

TEST(SpooledFile, more_than_the_caller_wants_is_an_error) {
  SpooledFile file;
  file.write("abc");
  try {
    file.read_all(2);
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::message_size);
  }
}

TEST(SpooledFile, is_saved_as_a_new_file) {
  const TemporaryTree tree;
  for (const std::size_t memory : {std::size_t{0}, std::size_t{1} << 20}) {
    SpooledFile file(memory, tree.path());
    const std::string content(100'000, 'x');
    file.write(content);
    const std::string path = tree.path("saved" + std::to_string(memory));
    file.save_as(path);
    EXPECT_EQ(content_of(path), content);
    try {
      file.save_as(path);
      FAIL();
    } catch (const OSError& error) {
      EXPECT_EQ(error.code(), std::errc::file_exists);
      EXPECT_NE(std::string(error.what()).find("save " + path), std::string::npos);
    }
  }
}

TEST(SpooledFile, a_full_disk_leaves_nothing_behind) {
  const TemporaryTree tree;
  SpooledFile small(1000, tree.path());
  small.write(std::string(500, 'x'));
  SpooledFile large(0, tree.path());
  {
    const FileSizeLimit limit(100);
    EXPECT_THROW(large.write(std::string(500, 'x')), SpoolError);
    EXPECT_THROW(small.save_as(tree.path("saved")), OSError);
  }
  EXPECT_TRUE(std::filesystem::is_empty(tree.path()));
}

TEST(SpooledFile, a_directory_that_is_not_there_is_named) {
  SpooledFile file(0, "/nonexistent");
  try {
    file.write("a");
    FAIL();
  } catch (const SpoolError& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_NE(std::string(error.what()).find("/nonexistent"), std::string::npos);
  }
}

}  // namespace
}  // namespace socketserver::http
