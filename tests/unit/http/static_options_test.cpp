#include <stdexcept>
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

using ::testing::HasSubstr;
using ::testing::Not;

class StaticOptions : public ::testing::Test {
 protected:
  StreamHandler files(SimpleHTTPOptions options = {}) {
    options.directory = tree.path();
    return handler<SimpleHTTPRequestHandler>(std::move(options));
  }

  TemporaryTree tree;
};

TEST_F(StaticOptions, hidden_names_have_no_other_names) {
  tree.file("draft.html", "secret");
  tree.file("a.txt", "text");
  tree.file("a.txt.gz", "secret");
  tree.directory("d");
  tree.file("d/index.html", "secret");
  const WebServer server(
      files({.pretty_urls = true, .hidden_names = {"draft.html", "*.gz", "index.html"}}));
  for (const std::string_view target : {"/draft.html", "/draft", "/a.txt.gz", "/d/index.html"}) {
    EXPECT_EQ(server.get(target).status, 404) << target;
  }
  EXPECT_EQ(server.get("/a.txt", "Accept-Encoding: gzip\r\n").body, "text");
  EXPECT_THAT(server.get("/d/").body, HasSubstr("Directory listing"));
}

class PicksFiles : public SimpleHTTPRequestHandler {
 public:
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;

 protected:
  bool may_send(const http::TargetPath& place) const override {
    return !place.words.back().starts_with("no");
  }
};

TEST_F(StaticOptions, an_override_says_which_files_are_sent) {
  tree.file("no.html", "secret");
  tree.file("yes", "text");
  tree.directory("d");
  tree.file("d/no.html", "secret");
  const WebServer server(handler<PicksFiles>(SimpleHTTPOptions{
      .directory = tree.path(), .index_pages = {"no.html"}, .pretty_urls = true}));
  for (const std::string_view target : {"/no.html", "/no", "/", "/d/"}) {
    EXPECT_EQ(server.get(target).status, 404) << target;
  }
  EXPECT_EQ(server.get("/yes").body, "text");
}

TEST_F(StaticOptions, cache_control) {
  tree.file("file");
  EXPECT_EQ(WebServer(files()).get("/file").headers["Cache-Control"], "no-cache");
  const WebServer long_lived(files({.cache_control = "max-age=60"}));
  EXPECT_EQ(long_lived.get("/file").headers["Cache-Control"], "max-age=60");
  EXPECT_EQ(long_lived.get("/").headers["Cache-Control"], "no-cache");  // a listing has no tag
  EXPECT_FALSE(long_lived.get("/missing").headers.contains("Cache-Control"));
  const WebServer none(files({.cache_control = ""}));
  EXPECT_FALSE(none.get("/file").headers.contains("Cache-Control"));
}

TEST_F(StaticOptions, extra_headers_replace_ours) {
  tree.file("file");
  const WebServer server(files(
      {.extra_response_headers = {
           {"cache-control", "no-store"}, {"X-Content-Type-Options", "nosniff"}, {"X-A", "1"}}}));
  for (const std::string_view target : {"/file", "/"}) {
    const Answer answer = server.get(target);
    EXPECT_EQ(answer.headers.get_all("Cache-Control"), std::vector<std::string_view>{"no-store"});
    EXPECT_EQ(answer.headers.get_all("X-Content-Type-Options").size(), 1);
    EXPECT_EQ(answer.headers["X-A"], "1");
  }
  EXPECT_EQ(server.get("/file", "Range: bytes=-1\r\n").headers["X-A"], "1");
}

TEST_F(StaticOptions, charset) {
  for (const std::string_view name : {"a.html", "a.txt", "a.json", "a.png", "a.foo"}) {
    tree.file(name, "x");
  }
  const WebServer server(
      files({.extensions_map = {{".foo", "text/x-foo; charset=ascii"}}, .charset = "utf-8"}));
  EXPECT_EQ(server.get("/a.html").headers["Content-Type"], "text/html; charset=utf-8");
  EXPECT_EQ(server.get("/a.txt").headers["Content-Type"], "text/plain; charset=utf-8");
  EXPECT_EQ(server.get("/a.json").headers["Content-Type"], "application/json");
  EXPECT_EQ(server.get("/a.png").headers["Content-Type"], "image/png");
  EXPECT_EQ(server.get("/a.foo").headers["Content-Type"], "text/x-foo; charset=ascii");
}

TEST_F(StaticOptions, error_page) {
  tree.directory(".errors");
  tree.file(".errors/404.html", "<p>gone fishing");
  const WebServer server(files({.error_pages = {{404, ".errors/404.html"}}}));
  const Answer answer = server.get("/missing");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 404 File not found");
  EXPECT_EQ(answer.body, "<p>gone fishing");
  EXPECT_EQ(answer.headers["Content-Type"], "text/html");
  EXPECT_EQ(answer.headers["Connection"], "close");
  EXPECT_FALSE(answer.headers.contains("ETag"));
  EXPECT_EQ(server.get("/.errors/404.html").status, 404);
}

TEST_F(StaticOptions, error_page_of_head) {
  tree.file("404.html", "page");
  const WebServer server(files({.error_pages = {{404, "404.html"}}}));
  std::string wire = server.ask("HEAD /missing HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer head = take_answer(wire, "HEAD");
  EXPECT_EQ(head.headers["Content-Length"], "4");
  EXPECT_EQ(wire, "");
}

TEST_F(StaticOptions, error_page_keeps_the_fields_of_the_error) {
  tree.file("any.txt", "no");
  tree.file("file", "content");
  WebServer server(files({.error_pages = {{400, "any.txt"}, {405, "any.txt"}, {416, "any.txt"}}}));
  const Answer range = server.get("/file", "Range: bytes=100-\r\n");
  EXPECT_EQ(range.headers["Content-Range"], "bytes */7");
  EXPECT_EQ(range.body, "no");
  std::string wire = server.ask("POST /file HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(take_answer(wire).headers["Allow"], "GET, HEAD");
  wire = server.ask("GET /file HTTP/1.1\r\n\r\n");  // refused before there is a request
  EXPECT_EQ(take_answer(wire).body, "no");
  EXPECT_TRUE(server.log().has("code 416"));
}

TEST_F(StaticOptions, error_page_that_cannot_be_had) {
  tree.file("huge", std::string((1 << 20) + 1, 'x'));
  tree.directory("dir");
  tree.link("out", "/etc/hostname");
  for (const std::string file : {"missing", "huge", "dir", "out", "", "/"}) {
    const WebServer server(files({.error_pages = {{404, file}}}));
    EXPECT_THAT(server.get("/none").body, HasSubstr("File not found")) << file;
  }
}

TEST_F(StaticOptions, spa_fallback) {
  tree.file("app.html", "<p>app");
  tree.directory("dir");
  tree.file("dir/inner", "inner");
  const WebServer server(files({.spa_fallback = "app.html"}));
  for (const std::string_view target :
       {"/route", "/deep/er/route", "/route/", "/dir/none", "/dir/inner/none", "/route?x=1.5"}) {
    const Answer answer = server.get(target);
    EXPECT_EQ(answer.status, 200) << target;
    EXPECT_EQ(answer.body, "<p>app") << target;
    EXPECT_EQ(answer.headers["Content-Type"], "text/html") << target;
    EXPECT_TRUE(answer.headers.contains("ETag")) << target;
  }
  EXPECT_EQ(server.get("/dir/inner").body, "inner");
  for (const std::string_view target :
       {"/missing.js", "/.hidden", "/.well-known/none", "/a%00", "/dir/inner/"}) {
    EXPECT_EQ(server.get(target).status, 404) << target;
  }
}

TEST_F(StaticOptions, spa_fallback_is_the_page_of_the_root) {
  tree.file("app.html", "<p>app");
  tree.directory("dir");
  tree.file("dir/app.html", "<p>another");
  const WebServer server(files({.spa_fallback = "app.html"}));
  const WebServer without_listings(files({.list_directories = false, .spa_fallback = "app.html"}));
  for (const std::string_view target : {"/", "/?x=1", "//"}) {
    EXPECT_EQ(server.get(target).body, "<p>app") << target;
    EXPECT_EQ(without_listings.get(target).body, "<p>app") << target;
  }
  EXPECT_THAT(server.get("/dir/").body, HasSubstr("Directory listing"));
  tree.file("index.html", "<p>index");
  EXPECT_EQ(server.get("/").body, "<p>index");
}

TEST_F(StaticOptions, spa_fallback_that_is_missing) {
  const WebServer server(files({.spa_fallback = "missing.html"}));
  EXPECT_EQ(server.get("/route").status, 404);
  EXPECT_EQ(server.get("/").status, 200) << "a listing";
}

TEST_F(StaticOptions, hidden_names_are_neither_listed_nor_served) {
  for (const std::string_view name : {"node_modules", "dir"}) tree.directory(name);
  for (const std::string_view name : {"a.txt", "a.bak", "node_modules/x.js", "dir/b.bak"}) {
    tree.file(name, "x");
  }
  const WebServer server(files({.hidden_names = {"*.bak", "node_modules"}}));
  const std::string page = server.get("/").body;
  EXPECT_THAT(page, HasSubstr("\"a.txt\""));
  EXPECT_THAT(page, Not(HasSubstr("a.bak")));
  EXPECT_THAT(page, Not(HasSubstr("node_modules")));
  EXPECT_THAT(server.get("/?format=json").body, Not(HasSubstr("a.bak")));
  for (const std::string_view target :
       {"/a.bak", "/%61.bak", "/dir/b.bak", "/node_modules", "/node_modules/", "/node_modules/x.js",
        "/x/../node_modules/x.js"}) {
    EXPECT_EQ(server.get(target).status, 404) << target;
  }
  EXPECT_EQ(server.get("/a.txt").status, 200);
}

TEST_F(StaticOptions, listings_in_the_order_and_form_of_the_options) {
  tree.file("a", "xxx");
  tree.file("b", "x");
  const WebServer server(files({.listing_order = {.key = http::ListingOrder::Key::size},
                                .listing_format = http::ListingFormat::html,
                                .listing_name = "My & yours"}));
  const auto first_is = [](const std::string& page, char name) {
    return page.find(std::string(">") + name + '<') < page.find(name == 'a' ? ">b<" : ">a<");
  };
  const Answer usual = server.get("/?format=json", "Accept: application/json\r\n");
  EXPECT_TRUE(first_is(usual.body, 'b'));
  EXPECT_THAT(usual.body, HasSubstr("<title>My &amp; yours: /</title>"));
  EXPECT_TRUE(first_is(server.get("/?sort=name").body, 'a'));
  EXPECT_TRUE(first_is(server.get("/?sort=size&order=desc").body, 'a'));
}

TEST_F(StaticOptions, pretty_urls) {
  tree.file("about.html", "<p>about");
  tree.file("both.html", "page");
  tree.file("both", "file");
  tree.file(".hidden.html", "x");
  const WebServer server(files({.pretty_urls = true, .spa_fallback = "both.html"}));
  const Answer answer = server.get("/about");
  EXPECT_EQ(answer.body, "<p>about");
  EXPECT_EQ(answer.headers["Content-Type"], "text/html");
  EXPECT_EQ(server.get("/both").body, "file");
  EXPECT_EQ(server.get("/about/").body, "page") << "a directory is no page";
  EXPECT_EQ(server.get("/.hidden").status, 404);
  EXPECT_EQ(WebServer(files()).get("/about").status, 404);
}

TEST_F(StaticOptions, misuse_is_told_at_once) {
  EXPECT_THROW(files({.cache_control = "a\r\nb"}), std::invalid_argument);
  EXPECT_THROW(files({.charset = "a\nb"}), std::invalid_argument);
  EXPECT_THROW(files({.extra_response_headers = {{"bad name", "x"}}}), std::invalid_argument);
  EXPECT_THROW(files({.error_pages = {{200, "ok.html"}}}), std::invalid_argument);
  EXPECT_THROW(files({.error_pages = {{600, "ok.html"}}}), std::invalid_argument);
}

}  // namespace
}  // namespace socketserver::testing
