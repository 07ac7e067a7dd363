// Which requests are for FastCGI applications, and what those are told.

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cgi_site.hpp"
#include "fastcgi_app.hpp"
#include "web_server.hpp"

namespace socketserver::testing {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::Not;

class FastCGIRequests : public ::testing::Test {
 protected:
  FastCGIRequests() {
    site.file("page.php", "<?php the text of a script");
    site.file("hello.txt", "hello");
  }

  StreamHandler handler(CGIHTTPOptions options = {}) {
    options.fastcgi_applications.emplace(".php", app.address());
    options.fastcgi_applications.emplace("/app", app.address());
    return site.handler(std::move(options));
  }

  /// What the application says that it was asked.
  static std::string told(const WebServer& server, std::string_view target,
                          std::string_view headers = {}) {
    const Answer answer = server.get(target, headers);
    EXPECT_EQ(answer.status, 200) << target << '\n' << answer.body;
    return answer.body;
  }

  CGISite site;
  FastCGIApp app{tell_fastcgi_question};
};

TEST_F(FastCGIRequests, files_of_a_suffix) {
  site.directory("below");
  site.file("below/PAGE.PHP");
  WebServer server(handler());
  for (const std::string name : {"/page.php", "/below/PAGE.PHP"}) {
    for (const std::string info : {"", "/", "/a/b", "/x.php"}) {
      const std::string said = told(server, name + info + "?q=1");
      EXPECT_EQ(variable(said, "SCRIPT_NAME"), name);
      EXPECT_EQ(variable(said, "PATH_INFO"), info);
      EXPECT_EQ(variable(said, "SCRIPT_FILENAME"), site.path() + name);
      EXPECT_EQ(variable(said, "DOCUMENT_ROOT"), site.path());
      EXPECT_EQ(variable(said, "QUERY_STRING"), "q=1");
      EXPECT_EQ(variable(said, "REQUEST_METHOD"), "GET");
      EXPECT_EQ(variable(said, "REQUEST_URI"), name + info + "?q=1");
    }
  }
  EXPECT_EQ(server.get("/hello.txt").body, "hello");
}

TEST_F(FastCGIRequests, what_is_below_a_path) {
  site.directory("app");
  site.file("app/secret.txt", "not to be shown");
  WebServer server(handler());
  for (const std::string info : {"", "/", "/secret.txt", "/x.php/y", "/.env"}) {
    const std::string said = told(server, "/app" + info);
    EXPECT_EQ(variable(said, "SCRIPT_NAME"), "/app");
    EXPECT_EQ(variable(said, "PATH_INFO"), info);
    EXPECT_EQ(variable(said, "SCRIPT_FILENAME"), site.path("app"));
  }
  for (const std::string_view spelling :
       {"/%61pp/secret.txt", "//app/secret.txt", "/app%2fsecret.txt"}) {
    EXPECT_EQ(variable(told(server, spelling), "PATH_INFO"), "/secret.txt") << spelling;
  }
  // REQUEST_URI would lead an application that looks at it elsewhere than the rules.
  for (const std::string_view spelling :
       {"/app/./secret.txt", "/x/../app/secret.txt", "/app/x/%2e%2e/secret.txt", "/app/x%2f.."}) {
    EXPECT_EQ(server.get(spelling).status, 400) << spelling;
  }
  EXPECT_EQ(server.get("/application").status, 404);
}

TEST_F(FastCGIRequests, all_of_the_server) {
  CGIHTTPOptions options;
  options.fastcgi_applications = {{"/", app.address()}};
  WebServer server(site.handler(options));
  for (const std::string target : {"/", "/hello.txt", "/a/b/"}) {
    const std::string said = told(server, target);
    EXPECT_EQ(variable(said, "SCRIPT_NAME"), "");
    EXPECT_EQ(variable(said, "PATH_INFO"), target);
  }
}

TEST_F(FastCGIRequests, the_longest_path_has_it) {
  const FastCGIApp other([](const FastCGIQuestion&) { return fastcgi_text("the other one"); });
  site.environment_script();
  CGIHTTPOptions options;
  options.fastcgi_applications = {{"/", app.address()}, {"/cgi-bin/other", other.address()}};
  WebServer server(site.handler(options));
  EXPECT_EQ(server.get("/cgi-bin/other/x").body, "the other one");
  EXPECT_EQ(variable(server.get("/cgi-bin/env.sh").body, "GATEWAY_INTERFACE"), "CGI/1.1");
  EXPECT_EQ(variable(server.get("/cgi-bin/env.sh").body, "CWD"), site.path("cgi-bin"));
  EXPECT_EQ(variable(server.get("/x").body, "PATH_INFO"), "/x");
}

TEST_F(FastCGIRequests, no_application_sees_a_path_that_is_no_file) {
  site.directory("dir.php");
  site.file("upload.jpg", "<?php");
  site.file(".hidden.php");
  site.link("away.php", "/etc/passwd");
  WebServer server(handler({.files = {.hidden_names = {"old*"}}}));
  site.file("old.php");
  // What PHP's cgi.fix_pathinfo runs of itself: what ends in ".php" must be the file.
  EXPECT_EQ(server.get("/upload.jpg/x.php").status, 404);
  EXPECT_EQ(server.get("/none.php").status, 404);
  EXPECT_EQ(server.get("/page.php%00.jpg").status, 404);
  EXPECT_EQ(server.get("/../page.php").status, 400);
  EXPECT_EQ(server.get("/.hidden.php").status, 404);
  EXPECT_EQ(server.get("/old.php").status, 404);
  EXPECT_EQ(server.get("/away.php").status, 404);
  EXPECT_EQ(server.get("/dir.php").status, 301);
}

TEST_F(FastCGIRequests, every_method) {
  WebServer server(handler());
  for (const std::string method :
       {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"}) {
    for (const std::string target : {"/app/x", "/page.php"}) {
      std::string wire = server.ask(method + ' ' + target +
                                    " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                    "Content-Length: 2\r\n\r\nhi");
      const Answer answer = take_answer(wire, method);
      EXPECT_EQ(answer.status, 200) << method;
      EXPECT_EQ(variable(answer.body, "REQUEST_METHOD"), method);
      EXPECT_EQ(variable(answer.body, "CONTENT_LENGTH"), "2");
      EXPECT_TRUE(answer.body.ends_with("\nhi"));
    }
  }
  std::string wire = server.ask("TRACE /app HTTP/1.0\r\n\r\n");
  EXPECT_EQ(take_answer(wire).status, 501);
  wire = server.ask("PUT /hello.txt HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(take_answer(wire).status, 405);
  site.environment_script();
  wire = server.ask("PUT /cgi-bin/env.sh HTTP/1.0\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(take_answer(wire).status, 501);
  wire = server.ask("HEAD /app HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(take_answer(wire, "HEAD").status, 200);
  EXPECT_EQ(wire, "");
}

TEST_F(FastCGIRequests, variables_are_those_of_scripts) {
  WebServer server(handler({.environment = {{"MODE", "test"}}}));
  const std::string said = told(server, "/app",
                                "X-Some: thing\r\nProxy: http://evil/\r\nX_Some: evil\r\n"
                                "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n");
  EXPECT_EQ(variable(said, "HTTP_X_SOME"), "thing");
  EXPECT_EQ(variable(said, "HTTP_PROXY"), "(unset)");
  EXPECT_EQ(variable(said, "HTTP_AUTHORIZATION"), "(unset)");
  EXPECT_EQ(variable(said, "REMOTE_USER"), "anna");
  EXPECT_EQ(variable(said, "REMOTE_ADDR"), "127.0.0.1");
  EXPECT_EQ(variable(said, "GATEWAY_INTERFACE"), "CGI/1.1");
  EXPECT_EQ(variable(said, "CONTENT_LENGTH"), "");
  EXPECT_EQ(variable(said, "MODE"), "test");
  EXPECT_EQ(variable(said, "PATH"), "(unset)") << "that of the server is none of its business";
  WebServer other(handler({.names_user = false, .passes_authorization = true}));
  const std::string told_other =
      told(other, "/page.php", "Authorization: Basic YW5uYTpzZWNyZXQ=\r\n");
  EXPECT_EQ(variable(told_other, "REMOTE_USER"), "(unset)");
  EXPECT_EQ(variable(told_other, "HTTP_AUTHORIZATION"), "Basic YW5uYTpzZWNyZXQ=");
}

TEST_F(FastCGIRequests, begins_as_a_responder_that_closes_its_connection) {
  const FastCGIApp begun([](const FastCGIQuestion& question) {
    return fastcgi_text(question.begin == "\0\1\0\0\0\0\0\0"s ? "well" : "not well");
  });
  CGIHTTPOptions options;
  options.fastcgi_applications = {{"/", begun.address()}};
  EXPECT_EQ(WebServer(site.handler(options)).get("/").body, "well");
}

TEST_F(FastCGIRequests, index_page_of_a_suffix) {
  site.directory("below");
  site.file("below/index.php");
  WebServer server(handler({.files = {.index_pages = {"index.php"}}}));
  EXPECT_EQ(variable(told(server, "/below/"), "SCRIPT_NAME"), "/below/index.php");
  EXPECT_EQ(server.get("/below").status, 301);
}

TEST_F(FastCGIRequests, text_of_their_files_is_never_shown) {
  site.file("about.php.gz", "packed");
  site.directory("app");
  site.file("app/index.html", "the text of a page");
  WebServer server(handler({.files = {.pretty_urls = true}}));
  for (const std::string_view target : {"/page.php", "/page", "/page.php/", "/app/index.html"}) {
    EXPECT_THAT(server.get(target, "Accept-Encoding: gzip\r\n").body,
                Not(HasSubstr("the text of")));
  }
}

TEST_F(FastCGIRequests, options_that_make_no_sense) {
  const Address good = app.address();
  const std::map<std::string, Address> rows[] = {
      {{"php", good}},
      {{".", good}},
      {{"", good}},
      {{".php", Address()}},
      {{".php", Address::unix_path("")}},
      {{"/app", Address("127.0.0.1", 0)}},
      {{"/app", Address("", 9000)}},
  };
  for (const auto& applications : rows) {
    CGIHTTPOptions options;
    options.fastcgi_applications = applications;
    EXPECT_THROW(site.handler(options), std::invalid_argument) << applications.begin()->first;
  }
  EXPECT_THROW(handler({.cgi_extensions = {{".PHP", "/bin/sh"}}}), std::invalid_argument);
  EXPECT_THROW(handler({.files = {.spa_fallback = "page.php"}}), std::invalid_argument);
  EXPECT_THROW(handler({.files = {.error_pages = {{404, "page.php"}}}}), std::invalid_argument);
  handler({.files = {.error_pages = {{502, "app/down.html"}}}});
}

}  // namespace
}  // namespace socketserver::testing
