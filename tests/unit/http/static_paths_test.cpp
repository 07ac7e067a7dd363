#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/base/scope_exit.hpp>
#include <socketserver/http/simple_handler.hpp>

#include "scripted_peer.hpp"
#include "temporary_tree.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

StreamHandler files_of(const std::string& directory, http::Symlinks symlinks) {
  return handler<SimpleHTTPRequestHandler>({.directory = directory, .symlinks = symlinks});
}

class StaticPaths : public ::testing::Test {
 protected:
  StaticPaths() {
    outside.file("secret", "secret");
    outside.directory("private");
    tree.file("test", "We are the knights");
    tree.directory("dir");
    tree.file("dir/inner", "inner");
    tree.modified_at("test", 1577934245);
  }

  std::string body(std::string_view target) {
    const Answer answer = server.get(target);
    EXPECT_EQ(answer.status, 200) << target;
    return answer.body;
  }

  int status(std::string_view target) { return server.get(target).status; }

  /// Where a target is redirected to.
  std::string location(std::string_view target) {
    const Answer answer = server.get(target);
    EXPECT_EQ(answer.status, 301) << target;
    EXPECT_EQ(answer.headers["Content-Length"], "0") << target;
    return std::string(answer.headers["Location"]);
  }

  TemporaryTree outside;
  TemporaryTree tree;
  WebServer server{files_of(tree.path(), http::Symlinks::inside)};
};

constexpr std::string_view kKnights = "We are the knights";

TEST_F(StaticPaths, HT_106_file) {
  const Answer answer = server.get("/test");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 200 OK");
  EXPECT_EQ(answer.body, kKnights);
  EXPECT_EQ(answer.headers["Content-Length"], "18");
  EXPECT_EQ(answer.headers["Last-Modified"], "Thu, 02 Jan 2020 03:04:05 GMT");
  EXPECT_EQ(answer.headers["Content-Type"], "application/octet-stream");
}

TEST_F(StaticPaths, HT_106_missing_file) {
  const Answer answer = server.get("/missing");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 404 File not found");
  EXPECT_THAT(answer.body, Not(HasSubstr(tree.path())));
}

TEST_F(StaticPaths, HT_107_file_with_slash) {
  EXPECT_EQ(status("/test/"), 404);
}

TEST_F(StaticPaths, HT_108_encoded_slash_at_the_end) {
  EXPECT_EQ(status("/test%2f"), 404);
  EXPECT_EQ(status("/test%2F"), 404);
  EXPECT_THAT(body("/dir%2f"), HasSubstr("inner"));
}

TEST_F(StaticPaths, HT_109_directory_without_slash) {
  EXPECT_EQ(location("/dir"), "/dir/");
}

TEST_F(StaticPaths, HT_110_query_and_fragment) {
  EXPECT_EQ(location("/dir?x=1"), "/dir/?x=1");
  EXPECT_EQ(location("/dir#f"), "/dir/#f");
  EXPECT_EQ(location("/dir?"), "/dir/");
}

TEST_F(StaticPaths, HT_111_leading_slashes) {
  EXPECT_EQ(location("//dir"), "/dir/");
  EXPECT_EQ(location("///dir"), "/dir/");
}

TEST_F(StaticPaths, HT_112_no_foreign_host) {
  EXPECT_EQ(location("/evil/..%2f..%2fdir"), "/evil/..%2f..%2fdir/");
  EXPECT_EQ(location("//evil/..%2f..%2fdir"), "/evil/..%2f..%2fdir/");
  EXPECT_THAT(location("/\\evil/../dir"), ::testing::StartsWith("/%5Cevil"));
}

TEST_F(StaticPaths, HT_113_absolute_form) {
  EXPECT_EQ(location("https://evil.example/dir"), "/dir/");
  EXPECT_EQ(location("https://evil.example/../../dir"), "/../../dir/");
  EXPECT_EQ(body("http://any.host/test"), kKnights);
}

TEST_F(StaticPaths, HT_114_without_leading_slash) {
  EXPECT_EQ(location("dir"), "/dir/");
  EXPECT_EQ(body("test"), kKnights);
}

TEST_F(StaticPaths, HT_115_never_above_the_root) {
  const std::string name = std::filesystem::path(outside.path()).filename().string();
  for (const std::string climb : {"/../", "/../../../../", "/%2e%2e/", "/..%2f", "/%2e%2e%2f",
                                  "/.%2e/", "/dir/../../", "/dir/..%2f..%2f", "/..//..//"}) {
    SCOPED_TRACE(climb);
    EXPECT_EQ(status(climb + name + "/secret"), 404);
    EXPECT_EQ(status(climb + "etc/passwd"), 404);
    EXPECT_EQ(body(climb + "test"), kKnights);
  }
  EXPECT_EQ(location("/.."), "/../");
  EXPECT_THAT(body("/../"), HasSubstr(">test<"));
  // Decoded once only, and a backslash is no slash.
  EXPECT_EQ(status("/%252e%252e/" + name + "/secret"), 404);
  EXPECT_EQ(status("/..\\" + name + "\\secret"), 404);
  EXPECT_EQ(status("/..%5c" + name + "%5csecret"), 404);
  // What was UTF-8 for '/' before the standard forbade it.
  EXPECT_EQ(status("/..%c0%af" + name + "/secret"), 404);
  EXPECT_EQ(status(outside.path("secret")), 404);
}

TEST_F(StaticPaths, HT_116_dots) {
  for (const std::string_view target :
       {"/dir/../test", "/./test", "/dir/%2e%2e/test", "/.//test"}) {
    EXPECT_EQ(body(target), kKnights);
  }
}

TEST_F(StaticPaths, HT_117_percent_encoding) {
  EXPECT_EQ(body("/te%73t"), kKnights);
  EXPECT_EQ(status("/test%20"), 404);
  EXPECT_EQ(status("/test%"), 404);
  EXPECT_EQ(status("/te%7"), 404);
}

TEST_F(StaticPaths, HT_118_query_and_fragment_are_dropped) {
  for (const std::string_view target : {"/test?x=1", "/test#frag", "/test?a=b#c"}) {
    EXPECT_EQ(body(target), kKnights);
  }
}

TEST_F(StaticPaths, HT_119_slash_in_the_fragment) {
  EXPECT_EQ(body("/test?b#c/"), kKnights);
  EXPECT_EQ(body("/test#c?d/"), kKnights);
}

TEST_F(StaticPaths, HT_120_nul) {
  EXPECT_EQ(status("/test%00"), 404);
  EXPECT_EQ(status("/test%00.html"), 404);
  EXPECT_EQ(status(std::string_view("/test\0", 6)), 404);
}

TEST_F(StaticPaths, HT_121_name_that_is_no_utf8) {
  tree.file("\xff", "ff");
  EXPECT_THAT(body("/"), HasSubstr("href=\"%FF\""));
  EXPECT_EQ(body("/%FF"), "ff");
  EXPECT_EQ(body("/%ff"), "ff");
}

TEST_F(StaticPaths, HT_122_utf8_name) {
  tree.file("ñandú", "bird");
  EXPECT_EQ(body("/%C3%B1and%C3%BA"), "bird");
}

TEST_F(StaticPaths, HT_123_backslash) {
  tree.file("a\\b", "backslash");
  EXPECT_EQ(body("/a\\b"), "backslash");
  EXPECT_EQ(body("/a%5Cb"), "backslash");
}

TEST_F(StaticPaths, HT_124_links_to_the_outside) {
  tree.link("out", outside.path("secret"));
  tree.link("out_relative", "../" + std::filesystem::path(outside.path()).filename().string());
  tree.link("in", "test");
  tree.link("in_absolute", tree.path("test"));
  EXPECT_EQ(status("/out"), 404);
  EXPECT_EQ(status("/out_relative/secret"), 404);
  EXPECT_EQ(body("/in"), kKnights);
  EXPECT_EQ(body("/in_absolute"), kKnights);

  const WebServer all(files_of(tree.path(), http::Symlinks::all));
  EXPECT_EQ(all.get("/out").body, "secret");
  EXPECT_EQ(all.get("/out_relative/secret").body, "secret");
  EXPECT_EQ(all.get("/in").body, kKnights);

  const WebServer none(files_of(tree.path(), http::Symlinks::none));
  EXPECT_EQ(none.get("/out").status, 404);
  EXPECT_EQ(none.get("/in").status, 404);
  EXPECT_EQ(none.get("/test").body, kKnights);
}

TEST_F(StaticPaths, HT_125_no_regular_file) {
  tree.fifo("fifo");
  EXPECT_EQ(status("/fifo"), 404);
  EXPECT_EQ(server.get("/fifo/").status, 404);

  const WebServer devices(files_of("/dev", http::Symlinks::inside));
  EXPECT_EQ(devices.get("/zero").status, 404);
  EXPECT_EQ(devices.get("/null").status, 404);
}

TEST_F(StaticPaths, HT_126_unreadable_file) {
  tree.file("locked", "locked");
  tree.mode("locked", 0);
  IdleServer idle(files_of(tree.path(), http::Symlinks::inside));
  const Unprivileged user;
  std::string wire = serve(idle, {"GET /locked HTTP/1.1\r\nHost: x\r\n\r\n"});
  EXPECT_EQ(take_answer(wire).status_line, "HTTP/1.1 404 File not found");
}

TEST_F(StaticPaths, HT_127_working_directory_may_change) {
  const std::string before = std::filesystem::current_path().string();
  const ScopeExit restore([&] { std::filesystem::current_path(before); });
  std::filesystem::current_path(tree.path());
  const WebServer relative(files_of("dir", http::Symlinks::inside));
  std::filesystem::current_path("/");
  EXPECT_EQ(relative.get("/inner").body, "inner");
}

TEST_F(StaticPaths, HT_127_directory_may_move) {
  const WebServer inner(files_of(tree.path("dir"), http::Symlinks::inside));
  std::filesystem::rename(tree.path("dir"), tree.path("moved"));
  EXPECT_EQ(inner.get("/inner").body, "inner");
}

TEST_F(StaticPaths, HT_127_missing_directory) {
  try {
    handler<SimpleHTTPRequestHandler>({.directory = tree.path("nowhere")});
    FAIL() << "nothing was thrown";
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::no_such_file_or_directory);
    EXPECT_THAT(error.what(), HasSubstr("open directory " + tree.path("nowhere")));
  }
}

TEST_F(StaticPaths, HT_128_parameters_belong_to_the_name) {
  tree.file("a;p", "semicolon");
  EXPECT_EQ(body("/a;p"), "semicolon");
  EXPECT_EQ(status("/test;p"), 404);
}

TEST_F(StaticPaths, HT_140_dot_files_are_not_served) {
  tree.file(".hidden", "hidden");
  tree.directory(".git");
  tree.file(".git/config", "config");
  tree.directory(".well-known");
  tree.file(".well-known/security.txt", "contact");
  tree.file(".well-known/.hidden", "hidden");
  for (const std::string_view target :
       {"/.hidden", "/.git/", "/.git", "/.git/config", "/%2ehidden", "/dir/../.hidden",
        "/.well-known/.hidden", "/dir/.well-known/x"}) {
    EXPECT_EQ(status(target), 404) << target;
  }
  EXPECT_EQ(body("/.well-known/security.txt"), "contact");

  const WebServer showing(
      handler<SimpleHTTPRequestHandler>({.directory = tree.path(), .show_hidden = true}));
  EXPECT_EQ(showing.get("/.hidden").body, "hidden");
  EXPECT_EQ(showing.get("/.git/config").body, "config");
}

TEST_F(StaticPaths, HT_126_long_names) {
  EXPECT_EQ(status("/" + std::string(300, 'a')), 404);
  EXPECT_EQ(status("/" + std::string(5000, 'a')), 404);
  std::string deep;
  for (int i = 0; i < 2500; ++i) deep += "/a";
  EXPECT_EQ(status(deep), 404);
}

}  // namespace
}  // namespace socketserver::testing
