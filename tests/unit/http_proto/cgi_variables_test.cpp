#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/http/proto/cgi_variables.hpp>

namespace socketserver::http {
namespace {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

std::map<std::string, std::string> variables(const Fields& fields,
                                             std::string_view content_length = {}) {
  Headers headers;
  for (const auto& [name, value] : fields) headers.add(name, value);
  return cgi_variables({.method = "GET",
                        .target = "/cgi-bin/x?q",
                        .protocol = "HTTP/1.1",
                        .headers = headers,
                        .content_length = content_length,
                        .script_name = "/cgi-bin/x",
                        .passes_authorization = true});
}

TEST(collapse_url_path, HT_161_vectors) {
  const std::vector<std::pair<std::string_view, std::string_view>> vectors = {
      {"", "//"},
      {"/", "//"},
      {"a", "//a"},
      {"/a", "//a"},
      {"/a/", "/a/"},
      {"/a/b", "/a/b"},
      {"//a", "//a"},
      {"//a//", "/a/"},
      {"/a/b/c/../d/e/../f", "/a/b/d/f"},
      {"/a/b/c/..", "/a/b/"},
      {"/a/b/c/.", "/a/b/c/"},
      {"./C:/", "/C:/"},
      {"/a/%2e%2e", "//"},
      {"/a%2fb", "/a/b"},
      {"/%252e%252e", "//%2e%2e"},
      {"/a?b/../c", "//a?b/../c"},
      {"/a?", "//a"},
  };
  for (const auto& [target, collapsed] : vectors) {
    EXPECT_EQ(collapse_url_path(target), collapsed) << target;
  }
  for (const std::string_view target : {"..", "/..", "/.//..", "%2e%2e/x", "/a/../..", "/../a"}) {
    EXPECT_EQ(collapse_url_path(target), std::nullopt) << target;
  }
}

TEST(cgi_argument, words) {
  EXPECT_EQ(cgi_argument(""), "");
  EXPECT_EQ(cgi_argument("a+b"), "a b");
  EXPECT_EQ(cgi_argument("a-b+c"), "a-b c");
  EXPECT_EQ(cgi_argument("%3d"), "%3d");
  EXPECT_EQ(cgi_argument("a=b"), std::nullopt);
  for (const std::string_view query : {"-", "-s", "+-s", "a+-s", "++--", "a\t-s"}) {
    EXPECT_EQ(cgi_argument(query), std::nullopt) << query;
  }
}

TEST(cgi_variables, lengths) {
  EXPECT_EQ(variables({})["CONTENT_LENGTH"], "");
  // The client's own field may be of another coding.
  EXPECT_EQ(variables({{"Content-Length", "7"}}, "5")["CONTENT_LENGTH"], "5");
}

TEST(cgi_variables, withheld_fields) {
  const auto none = variables({});
  for (const std::string_view name :
       {"Connection", "content-length", "Expect", "Keep-Alive", "PROXY", "Proxy-Authorization",
        "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "X_Y", "X.Y",
        "Content_Length"}) {
    EXPECT_EQ(variables({{name, "1"}}), none) << name;
  }
}

TEST(cgi_variables, functions_of_a_shell) {
  constexpr std::string_view kFunction = "() { :; }; echo gotcha";
  EXPECT_EQ(variables({{"X", kFunction}}), variables({}));
  EXPECT_EQ(variables({{"User-Agent", kFunction}}), variables({}));
  EXPECT_EQ(variables({{"Content-Type", kFunction}}), variables({}));
}

TEST(cgi_variables, no_field_reaches_another_variable) {
  const auto all = variables({{"Redirect-Status", "1"}, {"Path", "1"}, {"Ld-Preload", "1"}});
  EXPECT_EQ(all.at("REDIRECT_STATUS"), "200");
  EXPECT_FALSE(all.contains("PATH"));
  EXPECT_FALSE(all.contains("LD_PRELOAD"));
  EXPECT_EQ(all.at("HTTP_LD_PRELOAD"), "1");
}

std::string user(std::string_view authorization) {
  const auto all = variables({{"Authorization", authorization}});
  const auto found = all.find("REMOTE_USER");
  return found == all.end() ? "(none)" : found->second;
}

TEST(cgi_variables, users) {
  EXPECT_EQ(user("Basic dXNlcjpwYXNz"), "user");
  EXPECT_EQ(user("basic   dXNlcjpwYXNz"), "user");
  EXPECT_EQ(user("Basic dXNlcjpwYTpzcw=="), "user");
  EXPECT_EQ(user("Basic Og=="), "");
  for (const std::string_view field :
       {"Basic", "Basic ", "Basic dXNl", "Basic dXNlcjpwYXN", "Basic dXNlcjpwYXNz dXNl",
        "Basic =", "Basic ====", "Basic dXNl cjpw", "Bearer dXNlcjpwYXNz", "", "Basic AAAAADpwYXNz",
        "Basic KCkgezpw"}) {
    EXPECT_EQ(user(field), "(none)") << field;
  }
}

TEST(cgi_variables, authorization_itself) {
  EXPECT_EQ(variables({{"Authorization", "Bearer x"}}).at("HTTP_AUTHORIZATION"), "Bearer x");
  EXPECT_FALSE(variables({}).contains("HTTP_AUTHORIZATION"));
  EXPECT_FALSE(variables({{"Authorization", "() { x"}}).contains("HTTP_AUTHORIZATION"));
}

TEST(cgi_variables, fields_that_come_twice_are_one_variable) {
  const auto vars = variables({{"Cookie", "a=1"},
                               {"Accept", "text/html"},
                               {"X-Hop2", "one"},
                               {"cookie", "b=2"},
                               {"accept", "image/png"},
                               {"x-hop2", "two"}});
  EXPECT_EQ(vars.at("HTTP_COOKIE"), "a=1; b=2");
  EXPECT_EQ(vars.at("HTTP_ACCEPT"), "text/html,image/png");
  EXPECT_EQ(vars.at("HTTP_X_HOP2"), "one, two");
}

TEST(cgi_variables, a_path_behind_the_script_is_translated_beneath_the_root) {
  const Headers headers;
  const auto vars = cgi_variables({.method = "GET",
                                   .target = "/cgi-bin/x/sub/dir",
                                   .protocol = "HTTP/1.1",
                                   .headers = headers,
                                   .script_name = "/cgi-bin/x",
                                   .path_info = "/sub/dir",
                                   .document_root = "/srv/www"});
  EXPECT_EQ(vars.at("PATH_INFO"), "/sub/dir");
  EXPECT_EQ(vars.at("PATH_TRANSLATED"), "/srv/www/sub/dir");
}

}  // namespace
}  // namespace socketserver::http
