#include "http/turn_files.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/turn.hpp"
#include "temporary_tree.hpp"

namespace socketserver::http {
namespace {

using testing::TemporaryTree;

class TurnFiles : public ::testing::Test {
 protected:
  void SetUp() override { detail::end_turn(); }
  void TearDown() override { detail::end_turn(); }

  std::string content(const DocumentRoot& root) {
    const OpenedPath found = open_in_turn(root, words);
    return found.content ? *found.content : "nothing";
  }

  const std::vector<std::string> words = {"a", "b"};
  TemporaryTree tree;
};

TEST_F(TurnFiles, what_was_found_holds_until_the_turn_ends) {
  const DocumentRoot root(tree.path());
  tree.directory("a");
  tree.file("a/b", "old");
  EXPECT_EQ(content(root), "old");
  tree.file("a/b", "new");
  EXPECT_EQ(content(root), "old");
  detail::end_turn();
  EXPECT_EQ(content(root), "new");
}

TEST_F(TurnFiles, what_was_missing_is_missing_until_the_turn_ends) {
  const DocumentRoot root(tree.path());
  tree.directory("a");
  EXPECT_EQ(content(root), "nothing");
  tree.file("a/b", "new");
  EXPECT_EQ(open_in_turn(root, words).ec, std::errc::no_such_file_or_directory);
  detail::end_turn();
  EXPECT_EQ(content(root), "new");
}

TEST_F(TurnFiles, a_root_in_the_place_of_another_one_has_its_own) {
  const TemporaryTree other;
  tree.directory("a");
  other.directory("a");
  tree.file("a/b", "mine");
  other.file("a/b", "other");
  std::optional<DocumentRoot> root(std::in_place, tree.path());
  EXPECT_EQ(content(*root), "mine");
  root.emplace(other.path());
  EXPECT_EQ(content(*root), "other");
}

TEST_F(TurnFiles, paths_are_told_apart_by_their_words) {
  const DocumentRoot root(tree.path());
  tree.directory("a");
  tree.file("a/b", "deep");
  tree.file("ab", "flat");
  EXPECT_EQ(content(root), "deep");
  EXPECT_EQ(*open_in_turn(root, std::vector<std::string>{"ab"}).content, "flat");
  EXPECT_EQ(open_in_turn(root, std::vector<std::string>{"a"}).kind, OpenedPath::Kind::directory);
}

TEST_F(TurnFiles, nothing_is_held_after_the_turn) {
  const DocumentRoot root(tree.path());
  tree.directory("a");
  tree.file("a/b", "held");
  std::weak_ptr<const std::string> held = open_in_turn(root, words).content;
  EXPECT_FALSE(held.expired());
  detail::end_turn();
  EXPECT_TRUE(held.expired());
}

}  // namespace
}  // namespace socketserver::http
