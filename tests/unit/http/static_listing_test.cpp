#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/simple_handler.hpp>

#include "scripted_peer.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

/// Target and text of every link of a listing, in order.
std::vector<std::pair<std::string, std::string>> links_of(const std::string& page) {
  constexpr std::string_view kBegin = "<a href=\"";
  constexpr std::string_view kMiddle = "\">";
  std::vector<std::pair<std::string, std::string>> links;
  for (auto at = page.find(kBegin); at != page.npos; at = page.find(kBegin, at)) {
    at += kBegin.size();
    const auto middle = page.find(kMiddle, at);
    const auto text = middle + kMiddle.size();
    links.emplace_back(page.substr(at, middle - at),
                       page.substr(text, page.find("</a>", text) - text));
  }
  return links;
}

class StaticListing : public ::testing::Test {
 protected:
  auto links(std::string_view target = "/") { return links_of(server.get(target).body); }

  StreamHandler files(SimpleHTTPOptions options = {}) {
    options.directory = tree.path();
    return handler<SimpleHTTPRequestHandler>(std::move(options));
  }

  TemporaryTree tree;
  WebServer server{files()};
};

TEST_F(StaticListing, HT_129_first_index_page_wins) {
  tree.file("index.htm", "old");
  EXPECT_EQ(server.get("/").body, "old");
  tree.file("index.html", "new");
  const Answer answer = server.get("/");
  EXPECT_EQ(answer.body, "new");
  EXPECT_EQ(answer.headers["Content-Type"], "text/html");
  EXPECT_TRUE(answer.headers.contains("Last-Modified"));
}

TEST_F(StaticListing, HT_130_index_directory_is_ignored) {
  tree.directory("index.html");
  EXPECT_THAT(links(), ElementsAre(Pair("index.html/", "index.html/")));
}

TEST_F(StaticListing, HT_130_index_pipe_is_ignored) {
  tree.fifo("index.html");
  EXPECT_THAT(links(), ElementsAre(Pair("index.html", "index.html")));
}

TEST_F(StaticListing, HT_130_index_that_cannot_be_had_is_no_listing) {
  // Who has put an index page there wants no listing.
  tree.file("index.html", "locked");
  tree.mode("index.html", 0);
  IdleServer idle(files());
  const Unprivileged user;
  std::string wire = serve(idle, {"GET / HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_EQ(take_answer(wire).status_line, "HTTP/1.1 404 File not found");
}

TEST_F(StaticListing, HT_131_index_pages_of_the_options) {
  tree.file("home.txt", "home");
  tree.file("index.html", "index");
  const WebServer own(files({.index_pages = {"home.txt"}}));
  EXPECT_EQ(own.get("/").body, "home");
  const WebServer none(files({.index_pages = {}}));
  EXPECT_THAT(none.get("/").body, HasSubstr("Directory listing"));
}

TEST_F(StaticListing, HT_132_empty_directory) {
  const Answer answer = server.get("/");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(links_of(answer.body), IsEmpty());
  EXPECT_EQ(answer.headers["Content-Length"], std::to_string(answer.body.size()));
}

TEST_F(StaticListing, HT_133_sorted_without_case) {
  for (const std::string_view name : {"b", "A", "c", "a", "B"}) tree.file(name);
  EXPECT_THAT(links(), ElementsAre(Pair("A", "A"), Pair("a", "a"), Pair("B", "B"), Pair("b", "b"),
                                   Pair("c", "c")));
}

TEST_F(StaticListing, HT_134_directory) {
  tree.directory("sub");
  EXPECT_THAT(links(), ElementsAre(Pair("sub/", "sub/")));
}

TEST_F(StaticListing, HT_135_links) {
  tree.directory("dir");
  tree.file("file");
  tree.link("to_dir", "dir");
  tree.link("to_file", "file");
  EXPECT_THAT(links(), ElementsAre(Pair("dir/", "dir/"), Pair("file", "file"),
                                   Pair("to_dir/", "to_dir@"), Pair("to_file", "to_file@")));
}

TEST_F(StaticListing, HT_136_dangling_link) {
  tree.link("nowhere", "missing");
  EXPECT_THAT(links(), ElementsAre(Pair("nowhere", "nowhere@")));
}

TEST_F(StaticListing, HT_137_markup_in_names) {
  tree.file("a<script>\"q\" &amp;'.txt");
  EXPECT_THAT(links(), ElementsAre(Pair("a%3Cscript%3E%22q%22%20%26amp%3B%27.txt",
                                        "a&lt;script&gt;\"q\" &amp;amp;'.txt")));
}

TEST_F(StaticListing, HT_138_bytes_in_names) {
  tree.file("bad\xff.txt", "content");
  EXPECT_THAT(links(), ElementsAre(Pair("bad%FF.txt", "bad\xff.txt")));
  EXPECT_EQ(server.get("/bad%FF.txt").body, "content");
}

TEST_F(StaticListing, HT_139_delimiters_in_names) {
  for (const std::string_view name : {"q?", "f#", "%A4", "a b"}) tree.file(name, name);
  for (const auto& [href, text] : links()) {
    EXPECT_EQ(server.get("/" + href).body, text);
  }
  EXPECT_EQ(links().size(), 4);
}

TEST_F(StaticListing, HT_139_colon_is_no_scheme) {
  tree.file("javascript:alert(1)");
  EXPECT_THAT(links(), ElementsAre(Pair("./javascript%3Aalert%281%29", "javascript:alert(1)")));
}

TEST_F(StaticListing, HT_140_dot_files) {
  tree.file(".hidden");
  tree.file("shown");
  EXPECT_THAT(links(), ElementsAre(Pair("shown", "shown")));
  const WebServer showing(files({.show_hidden = true}));
  EXPECT_THAT(links_of(showing.get("/").body),
              ElementsAre(Pair(".hidden", ".hidden"), Pair("shown", "shown")));
}

TEST_F(StaticListing, HT_141_title) {
  tree.directory("a <b>&c");
  const std::string page = server.get("/a%20%3Cb%3E&c/?x=%3Cscript%3E#f").body;
  EXPECT_THAT(page, HasSubstr("<h1>Directory listing for /a &lt;b&gt;&amp;c/</h1>"));
  EXPECT_THAT(page, HasSubstr("<title>Directory listing for /a &lt;b&gt;&amp;c/</title>"));
  EXPECT_THAT(page, Not(HasSubstr("script")));
}

TEST_F(StaticListing, HT_141_title_that_looks_like_the_template) {
  tree.directory("%TITLE%");
  EXPECT_THAT(server.get("/%25TITLE%25/").body,
              HasSubstr("<h1>Directory listing for /%TITLE%/</h1>"));
}

TEST_F(StaticListing, HT_142_no_path_of_the_machine) {
  tree.file("file");
  EXPECT_THAT(server.get("/?x=%bb").body, Not(HasSubstr(tree.path())));
}

TEST_F(StaticListing, HT_143_type) {
  EXPECT_EQ(server.get("/").headers["Content-Type"], "text/html; charset=utf-8");
}

TEST_F(StaticListing, HT_144_unlistable_directory) {
  tree.directory("locked");
  tree.mode("locked", 0);
  IdleServer idle(files());
  const Unprivileged user;
  std::string wire = serve(idle, {"GET /locked/ HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_EQ(take_answer(wire).status_line, "HTTP/1.1 404 No permission to list directory");
}

TEST_F(StaticListing, HT_145_head) {
  tree.file("file");
  RawClient client = server.connect();
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer head = read_answer(client, "HEAD");
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer get = read_answer(client);
  EXPECT_EQ(head.headers["Content-Length"], get.headers["Content-Length"]);
  EXPECT_EQ(head.headers["Content-Type"], get.headers["Content-Type"]);
}

TEST_F(StaticListing, switched_off) {
  tree.file("file");
  tree.directory("sub");
  tree.file("sub/index.html", "index");
  const WebServer silent(files({.list_directories = false}));
  EXPECT_EQ(silent.get("/").status, 404);
  EXPECT_EQ(silent.get("/sub/").body, "index");
}

TEST_F(StaticListing, override_lists_differently) {
  struct Own : SimpleHTTPRequestHandler {
    using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;
    void list_directory(http::OpenedPath directory, const std::string& title) override {
      EXPECT_EQ(directory.kind, http::OpenedPath::Kind::directory);
      send_text(*this, "own " + title);
    }
  };
  tree.directory("sub");
  const WebServer own(handler<Own>({.directory = tree.path()}));
  EXPECT_EQ(own.get("/sub/").body, "own /sub/");
}

}  // namespace
}  // namespace socketserver::testing
