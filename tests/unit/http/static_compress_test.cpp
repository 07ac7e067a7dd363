#include <gtest/gtest.h>

#include <socketserver/http/simple_handler.hpp>
#include <stdexcept>
#include <string>

#include "decode.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

class StaticCompress : public ::testing::Test {
 protected:
  StaticCompress() {
    tree.file("a.txt", text);
    tree.file("large.txt", large);
    tree.file("small.txt", text.substr(0, 1023));
    tree.file("a.png", text);
    tree.file("b.txt", text);
    tree.file("b.txt.br", "already");
  }

  Answer get(const std::string& path, const std::string& headers) {
    return server.get(path, headers);
  }

  const std::string text = std::string(5000, 'x');
  const std::string large = std::string(500'000, 'y');
  TemporaryTree tree;
  WebServer server{
      handler<SimpleHTTPRequestHandler>({.directory = tree.path(), .compress = {"zstd", "gzip"}})};
};

constexpr const char* kGzip = "Accept-Encoding: gzip\r\n";

TEST_F(StaticCompress, texts_are_encoded) {
  for (const auto* path : {"/a.txt", "/large.txt"}) {
    const auto plain = get(path, "");
    const auto answer = get(path, kGzip);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.headers["Content-Encoding"], "gzip");
    EXPECT_EQ(answer.headers["Content-Type"], "text/plain");
    EXPECT_EQ(answer.headers["Vary"], "Accept-Encoding");
    EXPECT_FALSE(answer.headers.contains("Accept-Ranges"));
    EXPECT_EQ(answer.headers["Last-Modified"], plain.headers["Last-Modified"]);
    EXPECT_EQ(decode("gzip", answer.body), plain.body);
    EXPECT_LT(answer.body.size(), plain.body.size() / 10);
  }
}

TEST_F(StaticCompress, the_options_say_which_coding) {
  EXPECT_EQ(get("/a.txt", "Accept-Encoding: gzip, zstd\r\n").headers["Content-Encoding"], "zstd");
  EXPECT_FALSE(get("/a.txt", "Accept-Encoding: br\r\n").headers.contains("Content-Encoding"));
}

TEST_F(StaticCompress, who_does_not_want_it_gets_the_file) {
  const auto answer = get("/a.txt", "");
  EXPECT_FALSE(answer.headers.contains("Content-Encoding"));
  EXPECT_EQ(answer.headers["Vary"], "Accept-Encoding");
  EXPECT_EQ(answer.headers["Content-Length"], "5000");
  EXPECT_EQ(answer.body, text);
}

TEST_F(StaticCompress, small_files_and_pictures_are_left_alone) {
  for (const auto* path : {"/small.txt", "/a.png"}) {
    EXPECT_FALSE(get(path, kGzip).headers.contains("Content-Encoding")) << path;
  }
}

TEST_F(StaticCompress, a_precompressed_file_goes_first) {
  const auto answer = get("/b.txt", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(answer.headers["Content-Encoding"], "br");
  EXPECT_EQ(answer.body, "already");
}

TEST_F(StaticCompress, each_coding_has_a_tag_of_its_own) {
  const std::string plain(get("/a.txt", "").headers["ETag"]);
  const std::string gzip(get("/a.txt", kGzip).headers["ETag"]);
  const std::string zstd(get("/a.txt", "Accept-Encoding: zstd\r\n").headers["ETag"]);
  EXPECT_TRUE(plain.starts_with('"'));
  EXPECT_TRUE(gzip.starts_with("W/\"") && gzip.ends_with("-gzip\""));
  EXPECT_NE(gzip, zstd);
  const auto asked = [&](const std::string& tag) {
    return get("/a.txt", kGzip + ("If-None-Match: " + tag) + "\r\n");
  };
  EXPECT_EQ(asked(gzip).status, 304);
  EXPECT_EQ(asked(gzip).headers["ETag"], gzip);
  EXPECT_EQ(asked(gzip).headers["Vary"], "Accept-Encoding");
  EXPECT_EQ(asked(plain).status, 200);
  EXPECT_EQ(asked(zstd).status, 200);
}

TEST_F(StaticCompress, ranges_are_of_the_file_itself) {
  const auto answer = get("/a.txt", std::string(kGzip) + "Range: bytes=0-9\r\n");
  EXPECT_EQ(answer.status, 206);
  EXPECT_FALSE(answer.headers.contains("Content-Encoding"));
  EXPECT_EQ(answer.headers["Vary"], "Accept-Encoding");
  EXPECT_EQ(answer.body, text.substr(0, 10));
}

TEST_F(StaticCompress, head_says_what_get_would) {
  RawClient client = server.connect();
  client.send("HEAD /a.txt HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  const auto answer = read_answer(client, "HEAD");
  EXPECT_EQ(answer.headers["Content-Encoding"], "gzip");
  EXPECT_EQ(answer.headers["ETag"], get("/a.txt", kGzip).headers["ETag"]);
  client.send("GET /small.txt HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(read_answer(client).status, 200);
}

TEST(CompressOption, is_off_unless_asked_for_and_knows_its_codings) {
  EXPECT_TRUE(SimpleHTTPOptions().compress.empty());
  EXPECT_THROW(SimpleHTTPRequestHandler::Shared({.compress = {"deflate"}}), std::invalid_argument);
}

}  // namespace
}  // namespace socketserver::testing
