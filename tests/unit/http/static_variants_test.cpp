#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include <socketserver/http/simple_handler.hpp>

#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

class StaticVariants : public ::testing::Test {
 protected:
  StaticVariants() {
    put("a.js", "plain", 100);
    put("a.js.gz", "gzipped", 100);
    put("a.js.br", "brotli", 101);
  }

  void put(std::string_view name, std::string_view content, std::int64_t time) {
    tree.file(name, content);
    tree.modified_at(name, time);
  }

  StreamHandler files(SimpleHTTPOptions options = {}) {
    options.directory = tree.path();
    return handler<SimpleHTTPRequestHandler>(std::move(options));
  }

  Answer accept(std::string_view codings, std::string_view target = "/a.js",
                std::string_view headers = {}) {
    return server.get(target,
                      "Accept-Encoding: " + std::string(codings) + "\r\n" + std::string(headers));
  }

  TemporaryTree tree;
  WebServer server{files()};
};

TEST_F(StaticVariants, what_the_client_wants_most) {
  EXPECT_EQ(accept("gzip, br").body, "brotli");
  EXPECT_EQ(accept("gzip").body, "gzipped");
  EXPECT_EQ(accept("gzip, br;q=0.5").body, "gzipped");
  EXPECT_EQ(accept("identity, gzip;q=0.5").body, "plain");
  EXPECT_EQ(accept("gzip;q=0").body, "plain");
  EXPECT_EQ(accept("").body, "plain");
  EXPECT_EQ(server.get("/a.js").body, "plain");
  EXPECT_EQ(accept("deflate", "/a.js", "Accept-Encoding: gzip\r\n").body, "gzipped");
}

TEST_F(StaticVariants, what_is_not_there_is_passed_over) {
  EXPECT_EQ(accept("zstd").body, "plain");
  EXPECT_EQ(accept("zstd, gzip;q=0.5").body, "gzipped");
  put("a.js.zst", "zstandard", 100);
  EXPECT_EQ(accept("zstd, gzip;q=0.5").body, "zstandard");
}

TEST_F(StaticVariants, headers) {
  const Answer coded = accept("gzip");
  EXPECT_EQ(coded.headers["Content-Type"], "text/javascript");
  EXPECT_EQ(coded.headers["Content-Encoding"], "gzip");
  EXPECT_EQ(coded.headers["Content-Length"], "7");
  EXPECT_EQ(coded.headers["Vary"], "Accept-Encoding");
  const Answer plain = server.get("/a.js");
  EXPECT_FALSE(plain.headers.contains("Content-Encoding"));
  EXPECT_EQ(plain.headers["Vary"], "Accept-Encoding");
  EXPECT_NE(plain.headers["ETag"], coded.headers["ETag"]);
  EXPECT_NE(accept("br").headers["ETag"], coded.headers["ETag"]);
  EXPECT_EQ(accept("br").headers["Content-Encoding"], "br");
}

TEST_F(StaticVariants, head) {
  RawClient client = server.connect();
  client.send("HEAD /a.js HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  Answer head = read_answer(client, "HEAD");
  Answer get = accept("gzip");
  head.headers.set("Date", "now");
  get.headers.set("Date", "now");
  EXPECT_EQ(head.headers.text(), get.headers.text());
}

TEST_F(StaticVariants, a_stale_one_is_left_alone) {
  put("a.js", "newer", 102);
  EXPECT_EQ(accept("gzip, br").body, "newer");
}

TEST_F(StaticVariants, fractions_of_seconds_make_none_stale) {
  tree.modified_at("a.js", 100, 999'999'999);
  EXPECT_EQ(accept("gzip").body, "gzipped");
}

TEST_F(StaticVariants, only_regular_files_inside) {
  tree.directory("b.js.br");
  tree.fifo("b.js.zst");
  tree.link("b.js.gz", "/etc/hostname");
  put("b.js", "plain", 0);
  EXPECT_EQ(accept("br, zstd, gzip", "/b.js").body, "plain");
}

TEST_F(StaticVariants, compressed_files_are_files) {
  const Answer answer = accept("gzip", "/a.js.gz");
  EXPECT_EQ(answer.body, "gzipped");
  EXPECT_EQ(answer.headers["Content-Type"], "application/gzip");
  EXPECT_FALSE(answer.headers.contains("Content-Encoding"));
  EXPECT_FALSE(answer.headers.contains("Vary"));
}

TEST_F(StaticVariants, alone_it_is_not_served_under_the_other_name) {
  put("only.js.gz", "gzipped", 100);
  EXPECT_EQ(accept("gzip", "/only.js").status, 404);
}

TEST_F(StaticVariants, index_page) {
  put("index.html", "<p>plain", 100);
  put("index.html.gz", "gzipped", 100);
  const Answer answer = accept("gzip", "/");
  EXPECT_EQ(answer.body, "gzipped");
  EXPECT_EQ(answer.headers["Content-Type"], "text/html");
}

TEST_F(StaticVariants, conditions_and_ranges_are_of_the_variant) {
  const std::string tag(accept("gzip").headers["ETag"]);
  EXPECT_EQ(accept("gzip", "/a.js", "If-None-Match: " + tag + "\r\n").status, 304);
  EXPECT_EQ(accept("br", "/a.js", "If-None-Match: " + tag + "\r\n").status, 200);
  const Answer part = accept("gzip", "/a.js", "Range: bytes=0-1\r\nIf-Range: " + tag + "\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "gz");
  EXPECT_EQ(part.headers["Content-Range"], "bytes 0-1/7");
  EXPECT_EQ(part.headers["Content-Encoding"], "gzip");
  EXPECT_EQ(accept("br", "/a.js", "Range: bytes=0-1\r\nIf-Range: " + tag + "\r\n").status, 200);
}

TEST_F(StaticVariants, several_ranges_of_a_coded_one_are_the_whole) {
  const Answer answer = accept("gzip", "/a.js", "Range: bytes=0-0,3-3\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "gzipped");
  EXPECT_EQ(server.get("/a.js", "Range: bytes=0-0,3-3\r\n").status, 206);
}

TEST_F(StaticVariants, switched_off) {
  const WebServer off(files({.precompressed = false}));
  const Answer answer = off.get("/a.js", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(answer.body, "plain");
  EXPECT_FALSE(answer.headers.contains("Vary"));
}

}  // namespace
}  // namespace socketserver::testing
