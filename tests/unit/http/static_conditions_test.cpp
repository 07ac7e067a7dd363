#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/simple_handler.hpp>

#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

class StaticConditions : public ::testing::Test {
 protected:
  StaticConditions() {
    tree.file("file", "content");
    tree.modified_at("file", 1577934245, 678);
  }

  std::string tag() { return std::string(server.get("/file").headers["ETag"]); }
  int status(const std::string& headers) { return server.get("/file", headers).status; }

  TemporaryTree tree;
  WebServer server{handler<SimpleHTTPRequestHandler>(
      {.directory = tree.path(), .extra_response_headers = {{"X-A", "1"}}})};
};

TEST_F(StaticConditions, tag_is_strong_and_stays) {
  EXPECT_THAT(tag(), ::testing::MatchesRegex("\"[0-9a-f]+-[0-9a-f]+\""));
  EXPECT_EQ(tag(), tag());
}

TEST_F(StaticConditions, tag_changes_with_the_content) {
  const std::string before = tag();
  tree.modified_at("file", 1577934245, 679);
  const std::string touched = tag();
  EXPECT_NE(touched, before);
  tree.file("file", "content!");
  tree.modified_at("file", 1577934245, 679);
  const std::string longer = tag();
  EXPECT_NE(longer, touched);
  // As deployments do it: another file of the same size and time takes the name.
  tree.file("new", "CONTENT!");
  tree.modified_at("new", 1577934245, 679);
  std::filesystem::rename(tree.path("new"), tree.path("file"));
  EXPECT_NE(tag(), longer);
}

TEST_F(StaticConditions, HT_152_if_none_match) {
  EXPECT_EQ(status("If-None-Match: " + tag() + "\r\n"), 304);
  EXPECT_EQ(status("If-None-Match: W/" + tag() + "\r\n"), 304);
  EXPECT_EQ(status("If-None-Match: \"x\", " + tag() + "\r\n"), 304);
  EXPECT_EQ(status("If-None-Match: *\r\n"), 304);
  EXPECT_EQ(status("If-None-Match: \"x\"\r\n"), 200);
}

TEST_F(StaticConditions, HT_152_what_304_says) {
  const Answer answer = server.get("/file", "If-None-Match: " + tag() + "\r\n");
  EXPECT_EQ(answer.headers["ETag"], tag());
  EXPECT_EQ(answer.headers["Cache-Control"], "no-cache");
  EXPECT_EQ(answer.headers["Vary"], "Accept-Encoding");
  EXPECT_EQ(answer.headers["X-A"], "1");
  for (const auto [name, value] : answer.headers) {
    EXPECT_FALSE(name.starts_with("Content-")) << name;
  }
}

TEST_F(StaticConditions, HT_153_tag_goes_before_date) {
  EXPECT_EQ(status("If-None-Match: " + tag() +
                   "\r\nIf-Modified-Since: Thu, 02 Jan 2020 03:04:04 GMT\r\n"),
            304);
}

TEST_F(StaticConditions, if_match) {
  EXPECT_EQ(status("If-Match: " + tag() + "\r\n"), 200);
  EXPECT_EQ(status("If-Match: *\r\n"), 200);
  const Answer answer = server.get("/file", "If-Match: \"x\"\r\n");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 412 Precondition Failed");
  EXPECT_THAT(answer.body, ::testing::Not(::testing::HasSubstr("content\n")));
  EXPECT_EQ(status("If-Match: W/" + tag() + "\r\n"), 412);
}

TEST_F(StaticConditions, if_unmodified_since) {
  EXPECT_EQ(status("If-Unmodified-Since: Thu, 02 Jan 2020 03:04:05 GMT\r\n"), 200);
  EXPECT_EQ(status("If-Unmodified-Since: Thu, 02 Jan 2020 03:04:04 GMT\r\n"), 412);
}

TEST_F(StaticConditions, of_what_is_not_there_are_not_asked) {
  EXPECT_EQ(server.get("/missing", "If-Match: \"x\"\r\n").status, 404);
  EXPECT_EQ(server.get("/missing", "If-None-Match: *\r\n").status, 404);
}

}  // namespace
}  // namespace socketserver::testing
