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

TEST_F(StaticListing, HT_145_head_of_any_size) {
  for (int names = 0; names <= 600; names += 200) {
    for (int i = names - 200; i >= 0 && i < names; ++i) tree.file("file" + std::to_string(i));
    for (const std::size_t limit : {0U, 100U, 10'000U}) {
      const WebServer limited(files({.listing_limit = limit}));
      for (const std::string_view target : {"/", "/?format=json"}) {
        const Answer get = limited.get(target);
        RawClient client = limited.connect();
        client.send("HEAD " + std::string(target) + " HTTP/1.1\r\nHost: x\r\n\r\n");
        const Answer head = read_answer(client, "HEAD");
        EXPECT_EQ(head.headers["Content-Length"], get.headers["Content-Length"]);
        EXPECT_EQ(head.headers["Content-Type"], get.headers["Content-Type"]);
      }
    }
  }
}

TEST_F(StaticListing, policy) {
  const Answer answer = server.get("/");
  EXPECT_THAT(std::string(answer.headers["Content-Security-Policy"]),
              ::testing::StartsWith("default-src 'none'; style-src 'sha256-"));
  EXPECT_EQ(answer.headers["X-Content-Type-Options"], "nosniff");
  EXPECT_EQ(answer.headers["Cache-Control"], "no-cache");
  EXPECT_EQ(answer.headers["Vary"], "Accept");
}

TEST_F(StaticListing, sorted_as_asked) {
  tree.file("a", "333");
  tree.file("b", "1");
  tree.file("c", "22");
  tree.directory("d");
  EXPECT_THAT(links("/?sort=size"),
              ElementsAre(Pair("d/", "d/"), Pair("b", "b"), Pair("c", "c"), Pair("a", "a")));
  EXPECT_THAT(links("/?sort=size&order=desc"),
              ElementsAre(Pair("d/", "d/"), Pair("a", "a"), Pair("c", "c"), Pair("b", "b")));
  EXPECT_THAT(links("/?order=desc"),
              ElementsAre(Pair("d/", "d/"), Pair("c", "c"), Pair("b", "b"), Pair("a", "a")));
}

TEST_F(StaticListing, json) {
  tree.file("a", "333");
  for (const Answer& answer :
       {server.get("/?format=json"), server.get("/", "Accept: application/json\r\n")}) {
    EXPECT_EQ(answer.headers["Content-Type"], "application/json");
    EXPECT_THAT(answer.body, HasSubstr("{\"name\": \"a\", \"href\": \"a\", \"type\": \"file\""));
    EXPECT_EQ(answer.headers["Content-Length"], std::to_string(answer.body.size()));
  }
}

TEST_F(StaticListing, many_names) {
  for (int i = 0; i < 1000; ++i) tree.file("file" + std::to_string(i));
  const Answer whole = server.get("/");
  EXPECT_TRUE(whole.headers.has_token("Transfer-Encoding", "chunked"));
  EXPECT_EQ(links_of(whole.body).size(), 1000);
  EXPECT_EQ(links_of(whole.body).front().first, "file0");

  const WebServer limited(files({.listing_limit = 10}));
  RawClient client = limited.connect();
  for (int i = 0; i < 2; ++i) {
    client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const Answer unsorted = read_answer(client);
    EXPECT_THAT(unsorted.body, HasSubstr("Too many names to sort"));
    EXPECT_EQ(links_of(unsorted.body).size(), 1000);
  }
}

TEST_F(StaticListing, old_clients_get_many_names_too) {
  for (int i = 0; i < 1000; ++i) tree.file("file" + std::to_string(i));
  std::string wire = server.ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(links_of(take_answer(wire).body).size(), 1000);
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
      testing::send_text(*this, "own " + title);
    }
  };
  tree.directory("sub");
  const WebServer own(handler<Own>({.directory = tree.path()}));
  EXPECT_EQ(own.get("/sub/").body, "own /sub/");
}

}  // namespace
}  // namespace socketserver::testing
