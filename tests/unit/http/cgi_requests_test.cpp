// Which requests are for scripts, and what those are told.

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/base/scope_exit.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/http/proto/cgi_variables.hpp>

#include "cgi_site.hpp"
#include "no_descriptors.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CGIRequests : public ::testing::Test {
 protected:
  CGIRequests() { site.environment_script(); }

  /// What the environment script says to `target`.
  std::string ask(std::string_view target, std::string_view headers = {},
                  CGIHTTPOptions options = {}) {
    WebServer server(site.handler(std::move(options)));
    const Answer answer = server.get(target, headers);
    EXPECT_EQ(answer.status, 200) << target << '\n' << answer.body;
    return answer.body;
  }

  int status(std::string_view target) { return WebServer(site.handler()).get(target).status; }

  CGISite site;
};

TEST_F(CGIRequests, HT_162_script_output_follows) {
  site.text_script("cgi-bin/x.sh", "echo hello\n");
  const Answer answer = WebServer(site.handler()).get("/cgi-bin/x.sh");
  EXPECT_EQ(answer.status_line, "HTTP/1.1 200 Script output follows");
  EXPECT_EQ(answer.headers["Content-Type"], "text/plain");
  EXPECT_EQ(answer.headers["Content-Length"], "6");
  EXPECT_EQ(answer.body, "hello\n");
}

TEST_F(CGIRequests, HT_163_every_spelling_of_the_path) {
  for (const std::string_view target :
       {"/cgi-bin%2fenv.sh", "cgi-bin/env.sh", "///////a/../cgi-bin/env.sh", "/cgi-bin//env.sh",
        "/cgi-bin/./env.sh", "/x/../cgi-bin/env.sh", "/%63gi-bin/env.sh",
        "http://somewhere/cgi-bin/env.sh"}) {
    EXPECT_THAT(ask(target), HasSubstr("SCRIPT_NAME=/cgi-bin/env.sh\n")) << target;
  }
}

TEST_F(CGIRequests, HT_164_directories_of_the_options) {
  site.directory("htbin");
  site.environment_script("htbin/env.sh");
  site.directory("sub");
  site.directory("sub/cgi-bin");
  site.environment_script("sub/cgi-bin/env.sh");
  EXPECT_THAT(ask("/htbin/env.sh"), HasSubstr("SCRIPT_NAME=/htbin/env.sh\n"));
  EXPECT_THAT(ask("/sub/cgi-bin/env.sh"), HasSubstr("#!/bin/sh"));
  EXPECT_THAT(ask("/sub/cgi-bin/env.sh", {}, {.cgi_directories = {"/sub/cgi-bin"}}),
              HasSubstr("SCRIPT_NAME=/sub/cgi-bin/env.sh\n"));
}

TEST_F(CGIRequests, HT_165_case_counts) {
  EXPECT_EQ(status("/CGI-BIN/env.sh"), 404);
  EXPECT_EQ(status("/cgi-bin/ENV.sh"), 404);
}

TEST_F(CGIRequests, HT_166_directories_below) {
  site.directory("cgi-bin/child");
  site.environment_script("cgi-bin/child/env.sh");
  const std::string said = ask("/cgi-bin/child/env.sh");
  EXPECT_EQ(variable(said, "SCRIPT_NAME"), "/cgi-bin/child/env.sh");
  EXPECT_EQ(variable(said, "CWD"), site.path("cgi-bin/child"));
}

TEST_F(CGIRequests, HT_167_no_such_script) {
  WebServer server(site.handler());
  for (const std::string_view target : {"/cgi-bin/nothere.sh", "/cgi-bin/nothere.sh/env.sh"}) {
    EXPECT_EQ(server.get(target).status_line,
              "HTTP/1.1 404 No such CGI script ('/cgi-bin/nothere.sh')");
  }
}

TEST_F(CGIRequests, HT_168_directories_are_no_scripts) {
  site.directory("cgi-bin/child");
  site.fifo("cgi-bin/fifo");
  WebServer server(site.handler());
  for (const std::string_view target :
       {"/cgi-bin/", "/cgi-bin/child", "/cgi-bin/child/", "/cgi-bin/fifo"}) {
    const Answer answer = server.get(target);
    EXPECT_EQ(answer.status, 403) << target;
    EXPECT_THAT(answer.status_line, HasSubstr("CGI script is not a plain file")) << target;
  }
  const Answer answer = server.get("/cgi-bin");
  EXPECT_EQ(answer.status, 301);
  EXPECT_EQ(answer.headers["Location"], "/cgi-bin/");
}

TEST_F(CGIRequests, HT_169_not_executable) {
  site.mode("cgi-bin/env.sh", 0644);
  const Answer answer = WebServer(site.handler()).get("/cgi-bin/env.sh");
  EXPECT_EQ(answer.status, 403);
  EXPECT_THAT(answer.status_line, HasSubstr("CGI script is not executable"));
  EXPECT_THAT(answer.body, Not(HasSubstr("#!/bin/sh")));
}

TEST_F(CGIRequests, HT_171_query_with_equals_is_no_argument) {
  const std::string said = ask("/cgi-bin/env.sh?a=b?c=d");
  EXPECT_EQ(variable(said, "QUERY_STRING"), "a=b?c=d");
  EXPECT_EQ(variable(said, "ARGS"), "0:");
}

TEST_F(CGIRequests, HT_172_query_as_argument) {
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh?hello+world"), "ARGS"), "1:hello world");
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh"), "ARGS"), "1:");
}

TEST_F(CGIRequests, query_that_looks_like_an_option_is_no_argument) {
  for (const std::string_view query : {"-s", "-d+allow_url_include", "x+-s", "+-s"}) {
    EXPECT_EQ(variable(ask("/cgi-bin/env.sh?" + std::string(query)), "ARGS"), "0:") << query;
  }
}

TEST_F(CGIRequests, HT_173_path_info) {
  const std::string said = ask("/cgi-bin/env.sh/extra/path%20x?q=1");
  EXPECT_EQ(variable(said, "PATH_INFO"), "/extra/path x");
  EXPECT_EQ(variable(said, "PATH_TRANSLATED"), site.path("extra/path x"));
  EXPECT_EQ(variable(said, "QUERY_STRING"), "q=1");
  EXPECT_EQ(variable(said, "SCRIPT_NAME"), "/cgi-bin/env.sh");
  EXPECT_EQ(variable(said, "SCRIPT_FILENAME"), site.path("cgi-bin/env.sh"));
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh/a/"), "PATH_INFO"), "/a/");
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh"), "PATH_INFO"), "");
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh"), "PATH_TRANSLATED"), "(unset)");
}

TEST_F(CGIRequests, HT_174_variables_of_every_request) {
  WebServer server(site.handler());
  const std::string said = server.get("/cgi-bin/env.sh").body;
  EXPECT_EQ(variable(said, "GATEWAY_INTERFACE"), "CGI/1.1");
  EXPECT_EQ(variable(said, "SERVER_PROTOCOL"), "HTTP/1.1");
  EXPECT_THAT(server.ask("GET /cgi-bin/env.sh HTTP/1.0\r\n\r\n"),
              HasSubstr("\nSERVER_PROTOCOL=HTTP/1.0\n"));
  EXPECT_EQ(variable(said, "SERVER_SOFTWARE"), "SimpleHTTP/0.6 C++/20");
  EXPECT_EQ(variable(said, "SERVER_NAME"), "x");
  EXPECT_EQ(variable(said, "SERVER_PORT"), std::to_string(server.address().port()));
  EXPECT_EQ(variable(said, "REQUEST_METHOD"), "GET");
  EXPECT_EQ(variable(said, "REMOTE_ADDR"), "127.0.0.1");
  EXPECT_EQ(variable(said, "DOCUMENT_ROOT"), site.path());
  EXPECT_EQ(variable(said, "REQUEST_URI"), "/cgi-bin/env.sh");
  EXPECT_NE(variable(said, "PATH"), "(unset)");
}

TEST_F(CGIRequests, HT_175_nothing_of_the_request_is_inherited) {
  const std::vector<const char*> names = {"CONTENT_LENGTH", "REMOTE_HOST", "HTTP_USER_AGENT",
                                          "HTTP_COOKIE", "HTTP_REFERER"};
  for (const char* name : names) ::setenv(name, "inherited", 1);
  ::setenv("SECRET_OF_THE_SERVER", "inherited", 1);
  const ScopeExit restore([&]() noexcept {
    for (const char* name : names) ::unsetenv(name);
    ::unsetenv("SECRET_OF_THE_SERVER");
  });
  const std::string said = ask("/cgi-bin/env.sh");
  for (const char* name : names) EXPECT_EQ(variable(said, name), "") << name;
  EXPECT_EQ(variable(said, "SECRET_OF_THE_SERVER"), "(unset)");
  EXPECT_EQ(
      variable(ask("/cgi-bin/env.sh", {}, {.inherited_environment = {"SECRET_OF_THE_SERVER"}}),
               "SECRET_OF_THE_SERVER"),
      "inherited");
}

TEST_F(CGIRequests, HT_176_content_type) {
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh"), "CONTENT_TYPE"), "text/plain");
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh", "Content-Type: text/x\r\n"), "CONTENT_TYPE"), "text/x");
}

TEST_F(CGIRequests, HT_177_accept) {
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh", "Accept: text/html\r\nACCEPT: text/plain\r\n"),
                     "HTTP_ACCEPT"),
            "text/html,text/plain");
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh"), "HTTP_ACCEPT"), "");
}

TEST_F(CGIRequests, HT_178_cookies) {
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh", "Cookie: a=1\r\nCookie: b=2\r\n"), "HTTP_COOKIE"),
            "a=1; b=2");
}

TEST_F(CGIRequests, other_fields) {
  const std::string said =
      ask("/cgi-bin/env.sh", "X-Custom: a\r\nx-custom: b\r\nContent-Encoding: gzip\r\n");
  EXPECT_EQ(variable(said, "HTTP_X_CUSTOM"), "a, b");
  EXPECT_EQ(variable(said, "HTTP_CONTENT_ENCODING"), "gzip");
  EXPECT_EQ(variable(said, "HTTP_HOST"), "x");
}

TEST_F(CGIRequests, HT_179_user) {
  const std::string said = ask("/cgi-bin/env.sh", "Authorization: Basic dXNlcjpwYXNz\r\n");
  EXPECT_EQ(variable(said, "AUTH_TYPE"), "Basic");
  EXPECT_EQ(variable(said, "REMOTE_USER"), "user");
  EXPECT_EQ(variable(said, "HTTP_AUTHORIZATION"), "(unset)");
  EXPECT_EQ(
      variable(ask("/cgi-bin/env.sh", "Authorization: Basic dXNlcjpwYTpzcw==\r\n"), "REMOTE_USER"),
      "user");
}

TEST_F(CGIRequests, HT_180_no_user) {
  for (const std::string_view field : {"Basic !!!", "Basic !!!!", "Digest abc"}) {
    const std::string said =
        ask("/cgi-bin/env.sh", "Authorization: " + std::string(field) + "\r\n");
    EXPECT_EQ(variable(said, "AUTH_TYPE"), field.substr(0, field.find(' '))) << field;
    EXPECT_EQ(variable(said, "REMOTE_USER"), "(unset)") << field;
  }
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh", "Authorization: Digest a=b, c=d\r\n"), "AUTH_TYPE"),
            "(unset)");
}

TEST_F(CGIRequests, user_by_the_options) {
  const std::string field = "Authorization: Basic dXNlcjpwYXNz\r\n";
  const std::string said =
      ask("/cgi-bin/env.sh", field, {.names_user = false, .passes_authorization = true});
  EXPECT_EQ(variable(said, "AUTH_TYPE"), "(unset)");
  EXPECT_EQ(variable(said, "REMOTE_USER"), "(unset)");
  EXPECT_EQ(variable(said, "HTTP_AUTHORIZATION"), "Basic dXNlcjpwYXNz");
}

/// Takes "/route" off the paths of scripts, and knows who has asked.
class Routed : public CGIHTTPRequestHandler {
 public:
  using CGIHTTPRequestHandler::CGIHTTPRequestHandler;

 protected:
  std::optional<http::TargetPath> translate_path(std::string_view target) const override {
    auto place = CGIHTTPRequestHandler::translate_path(target);
    if (!place || place->words.empty() || place->words.front() != "route") return std::nullopt;
    place->words.erase(place->words.begin());
    return place;
  }
  std::string script_name_of(std::span<const std::string> words) const override {
    return "/route" + CGIHTTPRequestHandler::script_name_of(words);
  }
  bool names_user() const override { return headers().contains("X-Checked"); }
};

TEST_F(CGIRequests, overrides_say_where_a_script_is_and_who_asks) {
  WebServer server(handler<Routed>(CGIHTTPOptions{.files = {.directory = site.path()}}));
  const std::string field = "Authorization: Basic dXNlcjpwYXNz\r\n";
  std::string said = server.get("/route/cgi-bin/env.sh/info", field).body;
  EXPECT_EQ(variable(said, "SCRIPT_NAME"), "/route/cgi-bin/env.sh");
  EXPECT_EQ(variable(said, "PATH_INFO"), "/info");
  EXPECT_EQ(variable(said, "SCRIPT_FILENAME"), site.path() + "/cgi-bin/env.sh");
  EXPECT_EQ(variable(said, "REMOTE_USER"), "(unset)");
  said = server.get("/route/cgi-bin/env.sh", field + "X-Checked: yes\r\n").body;
  EXPECT_EQ(variable(said, "REMOTE_USER"), "user");
  EXPECT_EQ(server.get("/cgi-bin/env.sh").status, 404);
}

TEST_F(CGIRequests, HT_181_proxy) {
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh", "Proxy: http://evil\r\n"), "HTTP_PROXY"), "(unset)");
}

TEST_F(CGIRequests, names_that_could_be_mistaken) {
  const std::string said = ask("/cgi-bin/env.sh", "X_Real: 1\r\nX.Real: 2\r\nX!Real: 3\r\n");
  EXPECT_THAT(said, Not(HasSubstr("REAL")));
}

TEST_F(CGIRequests, shell_functions) {
  const std::string said = ask("/cgi-bin/env.sh",
                               "X-Evil: () { :; }; echo gotcha\r\n"
                               "Content-Type: () { :; }; echo gotcha\r\n"
                               "User-Agent: () { :; }; echo gotcha\r\n");
  EXPECT_THAT(said, Not(HasSubstr("gotcha")));
}

TEST_F(CGIRequests, HT_182_the_server_keeps_its_environment) {
  std::vector<std::string> before;
  for (char** at = environ; *at != nullptr; ++at) before.emplace_back(*at);
  ask("/cgi-bin/env.sh?q", "User-Agent: x\r\n", {.environment = {{"EXTRA", "1"}}});
  std::vector<std::string> after;
  for (char** at = environ; *at != nullptr; ++at) after.emplace_back(*at);
  EXPECT_EQ(after, before);
}

TEST_F(CGIRequests, HT_184_no_POST_to_files) {
  site.file("plain.sh", "echo plain\n");
  WebServer server(site.handler());
  std::string wire = server.ask("POST /plain.sh HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
  const Answer answer = take_answer(wire);
  EXPECT_EQ(answer.status_line, "HTTP/1.1 405 Can only POST to CGI scripts");
  EXPECT_EQ(answer.headers["Allow"], "GET, HEAD");
}

TEST_F(CGIRequests, HT_185_no_PUT_to_scripts) {
  WebServer server(site.handler());
  for (const std::string method : {"PUT", "DELETE", "PATCH"}) {
    std::string wire = server.ask(method + " /cgi-bin/env.sh HTTP/1.0\r\n\r\n");
    EXPECT_EQ(take_answer(wire).status, 501) << method;
    wire = server.ask(method + " /file HTTP/1.0\r\n\r\n");
    EXPECT_EQ(take_answer(wire).status, 405) << method;
  }
}

TEST_F(CGIRequests, HT_192_above_the_root) {
  for (const std::string_view target : {"/../cgi-bin/env.sh", "/%2e%2e/cgi-bin/env.sh"}) {
    EXPECT_EQ(status(target), 400) << target;
  }
}

TEST_F(CGIRequests, HT_193_decoded_once) {
  EXPECT_EQ(status("/cgi-bin/%2565nv.sh"), 404);
  EXPECT_EQ(status("/x/%252e%252e/cgi-bin/env.sh"), 404);
  EXPECT_EQ(status("/cgi-bin/env.sh%3fa=b"), 404);
}

TEST_F(CGIRequests, HT_205_scripts_of_the_directory) {
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh"), "SCRIPT_FILENAME"), site.path("cgi-bin/env.sh"));
}

TEST_F(CGIRequests, out_of_a_CGI_directory) {
  site.file("plain.txt", "plain\n");
  EXPECT_EQ(ask("/cgi-bin/..%2fplain.txt"), "plain\n");
  EXPECT_EQ(ask("/cgi-bin/../plain.txt"), "plain\n");
}

TEST_F(CGIRequests, environment_of_the_options) {
  const std::string said =
      ask("/cgi-bin/env.sh", {}, {.environment = {{"EXTRA", "1"}, {"SERVER_NAME", "www"}}});
  EXPECT_EQ(variable(said, "EXTRA"), "1");
  EXPECT_EQ(variable(said, "SERVER_NAME"), "www");
}

TEST_F(CGIRequests, hidden_scripts) {
  site.environment_script("cgi-bin/.env.sh");
  EXPECT_EQ(status("/cgi-bin/.env.sh"), 404);
  EXPECT_EQ(variable(ask("/cgi-bin/.env.sh", {}, {.files = {.show_hidden = true}}), "ARGS"), "1:");
  EXPECT_EQ(variable(ask("/cgi-bin/env.sh/.info"), "PATH_INFO"), "/.info");
}

TEST_F(CGIRequests, links_that_leave_the_root) {
  TemporaryTree outside;
  outside.file("evil.sh", "#!/bin/sh\n");
  outside.mode("evil.sh", 0755);
  site.link("cgi-bin/evil.sh", outside.path("evil.sh"));
  site.link("cgi-bin/dir", outside.path());
  EXPECT_EQ(status("/cgi-bin/evil.sh"), 404);
  EXPECT_EQ(status("/cgi-bin/dir/evil.sh"), 404);
}

class CGIExtensions : public CGIRequests {
 protected:
  CGIHTTPOptions options() {
    return {.files = {.index_pages = {"index.html", "index.cgi"}},
            .cgi_extensions = {{".cgi", "/bin/sh"}}};
  }

  // Neither executable nor with a first line that names an interpreter.
  void put(std::string_view name) {
    site.file(name, "echo 'Content-Type: text/plain'\necho\necho \"ARGS=$#:$*\"\nenv\n");
  }
};

TEST_F(CGIExtensions, anywhere_below_the_root) {
  site.directory("app");
  put("app/x.cgi");
  const std::string said = ask("/app/x.cgi/info?hello", {}, options());
  EXPECT_EQ(variable(said, "SCRIPT_NAME"), "/app/x.cgi");
  EXPECT_EQ(variable(said, "PATH_INFO"), "/info");
  EXPECT_EQ(variable(said, "ARGS"), "1:hello");
  EXPECT_EQ(variable(said, "PWD"), site.path("app"));
}

TEST_F(CGIExtensions, case_does_not_matter) {
  put("x.CGI");
  EXPECT_EQ(variable(ask("/x.CGI", {}, options()), "SCRIPT_NAME"), "/x.CGI");
}

TEST_F(CGIExtensions, in_a_CGI_directory) {
  put("cgi-bin/x.cgi");
  EXPECT_EQ(variable(ask("/cgi-bin/x.cgi", {}, options()), "SCRIPT_NAME"), "/cgi-bin/x.cgi");
}

TEST_F(CGIExtensions, as_index_page) {
  site.directory("app");
  put("app/index.cgi");
  EXPECT_EQ(variable(ask("/app/?q=1", {}, options()), "SCRIPT_NAME"), "/app/index.cgi");
  site.file("app/index.html", "page");
  EXPECT_EQ(ask("/app/", {}, options()), "page");
}

TEST_F(CGIExtensions, missing_and_hidden) {
  put(".x.cgi");
  WebServer server(site.handler(options()));
  EXPECT_EQ(server.get("/none.cgi").status, 404);
  EXPECT_EQ(server.get("/.x.cgi").status, 404);
}

TEST_F(CGIExtensions, directories_of_that_name) {
  site.directory("d.cgi");
  site.file("d.cgi/file", "text");
  EXPECT_EQ(ask("/d.cgi/file", {}, options()), "text");
}

/// Has missed that a request is for a script.
class Mistaken : public CGIHTTPRequestHandler {
 public:
  using CGIHTTPRequestHandler::CGIHTTPRequestHandler;

 protected:
  bool is_cgi() override { return false; }
};

TEST_F(CGIExtensions, text_of_scripts_is_never_sent) {
  put("x.cgi");
  put("x.cgi.gz");
  site.directory("app");
  put("app/index.cgi");
  put("page.html");
  CGIHTTPOptions given = options();
  given.files.pretty_urls = true;
  given.cgi_extensions[".html"] = "/bin/sh";
  given.cgi_extensions[".gz"] = "/bin/sh";
  given.files.directory = site.path();
  WebServer server(handler<Mistaken>(given));
  for (const std::string_view target :
       {"/x.cgi", "/X/../x.cgi", "/cgi-bin/env.sh", "/app/", "/page.html", "/page"}) {
    const Answer answer = server.get(target, "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_THAT(answer.body, Not(HasSubstr("Content-Type: text/plain"))) << target;
  }
}

TEST_F(CGIExtensions, scripts_of_pretty_urls) {
  put("page.html");
  CGIHTTPOptions given{.files = {.pretty_urls = true}, .cgi_extensions = {{".html", "/bin/sh"}}};
  WebServer server(site.handler(given));
  EXPECT_EQ(server.get("/page.html").status, 200);
  const Answer answer = server.get("/page");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, Not(HasSubstr("ARGS=$#")));
}

TEST_F(CGIExtensions, scripts_as_precompressed_files) {
  site.file("a.txt", "text");
  put("a.txt.gz");
  CGIHTTPOptions given{.cgi_extensions = {{".gz", "/bin/sh"}}};
  EXPECT_EQ(ask("/a.txt", "Accept-Encoding: gzip\r\n", given), "text");
}

TEST_F(CGIExtensions, without_descriptors_they_are_scripts_all_the_same) {
  put("x.cgi");
  site.directory("app");
  put("app/index.cgi");
  CGIHTTPOptions given = options();
  given.files.index_pages = {"index.cgi"};
  WebServer server(site.handler(given));
  for (const std::string target : {"/x.cgi", "/app/"}) {
    RawClient client = server.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
    client.read_until("\r\n\r\n");
    const NoDescriptors none;
    client.send("POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    EXPECT_THAT(client.read_until("\r\n"), HasSubstr(" 503 ")) << target;
  }
}

TEST_F(CGIExtensions, scripts_that_are_replaced_all_the_time) {
  put("new");
  WebServer server(site.handler(options()));
  std::atomic<bool> done = false;
  std::thread deploys([&] {
    while (!done) {
      std::filesystem::copy_file(site.path("new"), site.path("x.cgi"));
      std::filesystem::remove(site.path("x.cgi"));
    }
  });
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(server.get("/x.cgi").body, Not(HasSubstr("ARGS=$#"))) << i;
  }
  done = true;
  deploys.join();
}

TEST_F(CGIExtensions, what_is_no_file) {
  site.fifo("x.cgi");
  EXPECT_EQ(WebServer(site.handler(options())).get("/x.cgi").status, 403);
}

TEST_F(CGIExtensions, hidden_index_pages) {
  site.directory("app");
  site.file("app/index.html", "page");
  put("app/index.cgi");
  CGIHTTPOptions given = options();
  given.files.hidden_names = {"index.html"};
  EXPECT_EQ(variable(ask("/app/", {}, given), "SCRIPT_NAME"), "/app/index.cgi");
  given.files.hidden_names = {"index.*"};
  EXPECT_THAT(ask("/app/", {}, given), HasSubstr("Directory listing"));
}

TEST_F(CGIRequests, options_that_cannot_be) {
  const auto make = [&](CGIHTTPOptions options) { site.handler(std::move(options)); };
  EXPECT_THROW(make({.cgi_directories = {"cgi-bin"}}), std::invalid_argument);
  EXPECT_THROW(make({.cgi_extensions = {{"py", "/bin/sh"}}}), std::invalid_argument);
  EXPECT_THROW(make({.cgi_extensions = {{".py", "sh"}}}), std::invalid_argument);
  EXPECT_THROW(make({.cgi_extensions = {{".py", "/nonexistent/python"}}}), OSError);
  EXPECT_THROW(make({.environment = {{"A=B", "x"}}}), std::invalid_argument);
  EXPECT_THROW(make({.files = {.spa_fallback = "cgi-bin/env.sh"}}), std::invalid_argument);
  EXPECT_THROW(
      make({.files = {.error_pages = {{404, "x.cgi"}}}, .cgi_extensions = {{".cgi", "/bin/sh"}}}),
      std::invalid_argument);
  EXPECT_THROW(make({.files = {.archives = {http::ArchiveFormat{}}}}), std::invalid_argument);
  EXPECT_THROW(make({.cgi_directories = {std::string("/a\0b", 4)}}), std::invalid_argument);
  if (::geteuid() == 0) {
    EXPECT_THROW(make({.user = "nobody-at-all"}), std::invalid_argument);
    EXPECT_THROW(make({.user = "root"}), std::invalid_argument);
  }
}

}  // namespace
}  // namespace socketserver::testing
