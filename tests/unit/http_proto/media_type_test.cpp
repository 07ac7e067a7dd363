#include <gtest/gtest.h>

#include <socketserver/http/proto/media_type.hpp>

namespace socketserver::http {
namespace {

struct Guess {
  const char* name;
  const char* type;
};

TEST(GuessType, HT_146_a_compressed_file_is_what_it_is) {
  const Guess guesses[] = {
      {"c.gz", "application/gzip"},     {"b.Z", "application/octet-stream"},
      {"d.bz2", "application/x-bzip2"}, {"e.xz", "application/x-xz"},
      {"a.tar.gz", "application/gzip"}, {"a.html.gz", "application/gzip"},
      {"A.TAR.GZ", "application/gzip"},
  };
  for (const Guess& guess : guesses) EXPECT_EQ(guess_type(guess.name), guess.type) << guess.name;
}

TEST(GuessType, HT_147_by_the_last_suffix_in_any_case) {
  const Guess guesses[] = {
      {"f.html", "text/html"},
      {"g.HTML", "text/html"},
      {"a.txt", "text/plain"},
      {"k.js", "text/javascript"},
      {"k.mjs", "text/javascript"},
      {"l.json", "application/json"},
      {"m.wasm", "application/wasm"},
      {"j.svgz", "image/svg+xml"},
      {"n.tgz", "application/x-tar"},
      {"h.py", "text/x-python"},
      {"a.txt.html", "text/html"},
      {"/dir.txt/a.css", "text/css"},
      {"a.woff2", "font/woff2"},
      {"a.webp", "image/webp"},
      {"a.avif", "image/avif"},
      {"a.md", "text/markdown"},
      {"a.csv", "text/csv"},
      {"a.pdf", "application/pdf"},
      {"a.mp4", "video/mp4"},
      {"a.webm", "video/webm"},
      {"a.3gp", "video/3gpp"},
      {"a.zst", "application/zstd"},
      {"a.jsonld", "application/ld+json"},
      {"a.webmanifest", "application/manifest+json"},
  };
  for (const Guess& guess : guesses) EXPECT_EQ(guess_type(guess.name), guess.type) << guess.name;
}

TEST(GuessType, HT_148_unknown_none_and_hidden_are_the_default) {
  for (const char* name :
       {"i.unknownext", "i.webmanifesto", "i.webmani", "none", "", ".hidden", ".html", "..html",
        "...", "a.", "/dir.html/none", "/dir.html/.txt", "/dir.html/"}) {
    EXPECT_EQ(guess_type(name), "application/octet-stream") << name;
    EXPECT_EQ(guess_type(name, {}, "text/x-default"), "text/x-default") << name;
  }
  EXPECT_EQ(guess_type(".hidden.txt"), "text/plain");
}

TEST(GuessType, HT_149_overrides_come_first_exact_then_lower_case) {
  const MediaTypes overrides{
      {".foo", "x/foo"}, {".Bar", "x/bar"}, {".html", "x/html"}, {".gz", "x/gz"}};
  EXPECT_EQ(guess_type("a.foo", overrides), "x/foo");
  EXPECT_EQ(guess_type("a.FOO", overrides), "x/foo");
  EXPECT_EQ(guess_type("a.Bar", overrides), "x/bar");
  EXPECT_EQ(guess_type("a.bar", overrides), "application/octet-stream");
  EXPECT_EQ(guess_type("a.HTML", overrides), "x/html");
  EXPECT_EQ(guess_type("a.tar.gz", overrides), "x/gz");
  EXPECT_EQ(guess_type("a.htm", overrides), "text/html");
}

TEST(IsCompressible, texts_whatever_they_are_called) {
  for (const char* type : {"text/html", "TEXT/plain", "text/html; charset=utf-8",
                           "application/json", "application/problem+json", "image/svg+xml",
                           "Application/JSON ;charset=utf-8", "font/ttf", "image/bmp"}) {
    EXPECT_TRUE(is_compressible(type)) << type;
  }
  for (const char* type : {"", "text", "application/zip", "image/png", "video/mp4", "+json", "+xml",
                           "application/octet-stream", "application/jsonx", "font/woff2"}) {
    EXPECT_FALSE(is_compressible(type)) << type;
  }
}

}  // namespace
}  // namespace socketserver::http
