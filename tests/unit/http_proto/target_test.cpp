#include <gtest/gtest.h>

#include <socketserver/http/proto/target.hpp>

namespace socketserver::http {
namespace {

using namespace std::string_literals;
using Words = std::vector<std::string>;

Words words_of(std::string_view target) {
  const auto path = resolve_target(target);
  EXPECT_TRUE(path.has_value()) << target;
  return path ? path->words : Words{};
}

bool ends_in_slash(std::string_view target) {
  return resolve_target(target)->trailing_slash;
}

TEST(SplitTarget, parts_are_views_without_their_marks) {
  const TargetParts parts = split_target("/a/b?c=d?e#f#g?h");
  EXPECT_EQ(parts.path, "/a/b");
  EXPECT_EQ(parts.query, "c=d?e");
  EXPECT_EQ(parts.fragment, "f#g?h");
  EXPECT_EQ(split_target("/a#b?c").query, "");
  EXPECT_EQ(split_target("/a#b?c").path, "/a");
  EXPECT_EQ(split_target("").path, "");
}

TEST(SplitTarget, HT_113_scheme_and_authority_are_dropped) {
  EXPECT_EQ(split_target("http://host/a?b").path, "/a");
  EXPECT_EQ(split_target("http://host/a?b").query, "b");
  EXPECT_EQ(split_target("HTTPS://user@host:80//a").path, "//a");
  EXPECT_EQ(split_target("svn+ssh-1.0://host/a").path, "/a");
  EXPECT_EQ(split_target("http://host").path, "");
  EXPECT_EQ(split_target("http://host?a/b").path, "");
  EXPECT_EQ(split_target("http:///a").path, "/a");
}

TEST(SplitTarget, what_has_no_scheme_stays) {
  for (const char* path : {"/http://host/a", "1a://host/a", "http:/host/a", "a_b://c/d", "*",
                           "://host/a", "//host/a", "host:80"}) {
    EXPECT_EQ(split_target(path).path, path);
  }
  EXPECT_EQ(split_target("a?b://c/d").path, "a");
}

TEST(ResolveTarget, HT_106_words_and_slash) {
  EXPECT_EQ(words_of("/"), Words{});
  EXPECT_EQ(words_of("/test"), Words{"test"});
  EXPECT_EQ(words_of("/a/b/"), (Words{"a", "b"}));
  EXPECT_FALSE(ends_in_slash("/test"));
  EXPECT_TRUE(ends_in_slash("/a/b/"));
  EXPECT_TRUE(ends_in_slash("/"));
}

TEST(ResolveTarget, HT_108_trailing_slash_is_judged_after_decoding) {
  for (const char* target : {"/test%2f", "/test%2F"}) {
    EXPECT_EQ(words_of(target), Words{"test"});
    EXPECT_TRUE(ends_in_slash(target));
  }
}

TEST(ResolveTarget, HT_114_a_leading_slash_is_understood) {
  EXPECT_EQ(words_of("dir/x"), (Words{"dir", "x"}));
  EXPECT_EQ(words_of(""), Words{});
  EXPECT_TRUE(ends_in_slash(""));
  EXPECT_EQ(words_of("*"), Words{"*"});
}

TEST(ResolveTarget, HT_113_absolute_form_names_the_same_file) {
  EXPECT_EQ(words_of("https://evil.example/../../sub"), Words{"sub"});
  EXPECT_EQ(words_of("http://h"), Words{});
  EXPECT_TRUE(ends_in_slash("http://h?x"));
}

TEST(ResolveTarget, HT_115_never_climbs_above_the_root) {
  for (const char* target : {"/..", "/../", "/../..", "/%2e%2e", "/.%2E/", "/..%2f..", "..",
                             "/a/../..", "/a/../../.."}) {
    EXPECT_EQ(words_of(target), Words{}) << target;
  }
  for (const char* target :
       {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
        "..%2fetc%2Fpasswd", "/x/../../etc/passwd", "/..//../etc/passwd"}) {
    EXPECT_EQ(words_of(target), (Words{"etc", "passwd"})) << target;
  }
}

TEST(ResolveTarget, HT_116_dots_are_resolved) {
  for (const char* target : {"/sub/../test", "/./test", "/sub/%2e%2e/test", "/sub%2f%2e%2e%2ftest",
                             "//test", "/a//../test", "/a/./../test"}) {
    EXPECT_EQ(words_of(target), Words{"test"}) << target;
  }
  EXPECT_EQ(words_of("/..."), Words{"..."});
  EXPECT_EQ(words_of("/..a/.b/a.."), (Words{"..a", ".b", "a.."}));
}

TEST(ResolveTarget, HT_117_HT_122_decodes_bytes) {
  EXPECT_EQ(words_of("/te%73t"), Words{"test"});
  EXPECT_EQ(words_of("/test%20"), Words{"test "});
  EXPECT_EQ(words_of("/%C3%B1and%C3%BA.txt"), Words{"\xc3\xb1"s + "and\xc3\xba.txt"});
  EXPECT_EQ(words_of("/bad%ff.txt"), Words{"bad\xff.txt"});
  EXPECT_EQ(words_of("/a%3fb%23c"), Words{"a?b#c"});
}

TEST(ResolveTarget, HT_193_decodes_once) {
  EXPECT_EQ(words_of("/%252e%252e/%2561"), (Words{"%2e%2e", "%61"}));
  EXPECT_EQ(words_of("/%25"), Words{"%"});
}

TEST(ResolveTarget, HT_118_HT_119_query_and_fragment_are_cut) {
  for (const char* target : {"/test?x=1", "/test#frag", "/test?a=b#c", "/test?b#c/", "/test?",
                             "/test?/", "/test#/", "/test?%2f", "/test#?/"}) {
    EXPECT_EQ(words_of(target), Words{"test"}) << target;
    EXPECT_FALSE(ends_in_slash(target)) << target;
  }
}

TEST(ResolveTarget, HT_120_nul_is_refused) {
  for (const std::string& target : {"/test%00"s, "/%00/../a"s, "/a\0b"s}) {
    EXPECT_FALSE(resolve_target(target).has_value());
  }
  EXPECT_TRUE(resolve_target("/a?%00").has_value());
  EXPECT_TRUE(resolve_target("/%2500").has_value());
}

TEST(ResolveTarget, HT_123_HT_128_backslash_and_semicolon_are_ordinary) {
  EXPECT_EQ(words_of("/test\\..\\x"), Words{"test\\..\\x"});
  EXPECT_EQ(words_of("/..\\..\\etc"), Words{"..\\..\\etc"});
  EXPECT_EQ(words_of("/%5c..%5c"), Words{"\\..\\"});
  EXPECT_EQ(words_of("/sub;p"), Words{"sub;p"});
}

TEST(HasDotWord, finds_hidden_components) {
  EXPECT_TRUE(resolve_target("/.git/config")->has_dot_word());
  EXPECT_TRUE(resolve_target("/a/%2egit")->has_dot_word());
  EXPECT_TRUE(resolve_target("/...")->has_dot_word());
  EXPECT_FALSE(resolve_target("/a.b/c.")->has_dot_word());
  EXPECT_FALSE(resolve_target("/a/./../b")->has_dot_word());
  EXPECT_FALSE(resolve_target("/")->has_dot_word());
}

TEST(HasDotWord, exempts_one_name_in_the_first_place) {
  EXPECT_FALSE(resolve_target("/.well-known/acme")->has_dot_word(".well-known"));
  EXPECT_TRUE(resolve_target("/.well-known/acme")->has_dot_word());
  EXPECT_TRUE(resolve_target("/.well-known/.git")->has_dot_word(".well-known"));
  EXPECT_TRUE(resolve_target("/a/.well-known")->has_dot_word(".well-known"));
  EXPECT_TRUE(resolve_target("/.well-known2")->has_dot_word(".well-known"));
}

struct Redirect {
  const char* target;
  const char* location;
};

TEST(Covers, a_directory_and_what_is_below_it) {
  EXPECT_TRUE(covers(Words{}, Words{}));
  EXPECT_TRUE(covers(Words{}, Words{"a"}));
  EXPECT_TRUE(covers(Words{"a"}, Words{"a"}));
  EXPECT_TRUE(covers(Words{"a"}, Words{"a", "b"}));
  EXPECT_FALSE(covers(Words{"a"}, Words{}));
  EXPECT_FALSE(covers(Words{"a"}, Words{"ab"}));
  EXPECT_FALSE(covers(Words{"a", "b"}, Words{"a"}));
  EXPECT_FALSE(covers(Words{"a", "b"}, Words{"a", "c", "b"}));
}

TEST(RedirectLocation, HT_109_to_HT_114_is_a_path_with_one_slash_in_front_and_one_behind) {
  const Redirect redirects[] = {
      {"/dir", "/dir/"},
      {"/dir?x=1", "/dir/?x=1"},
      {"/dir#f", "/dir/#f"},
      {"/dir?", "/dir/"},
      {"/dir?a#b", "/dir/?a#b"},
      {"/dir?a?b/", "/dir/?a?b/"},
      {"//dir", "/dir/"},
      {"///dir", "/dir/"},
      {"/a//b", "/a//b/"},
      {"/evil/..%2f..%2fdir", "/evil/..%2f..%2fdir/"},
      {"//evil.example/..%2f..%2fdir", "/evil.example/..%2f..%2fdir/"},
      {"http://evil.example/dir", "/dir/"},
      {"http://evil.example//evil.example/..%2fdir", "/evil.example/..%2fdir/"},
      {"https://evil.example/../../sub", "/../../sub/"},
      {"dir", "/dir/"},
      {"/", "/"},
      {"", "/"},
      {"/dir/", "/dir/"},
  };
  for (const Redirect& redirect : redirects) {
    EXPECT_EQ(redirect_location(redirect.target), redirect.location) << redirect.target;
  }
}

TEST(RedirectLocation, HT_112_a_backslash_is_never_left_for_a_browser_to_turn) {
  EXPECT_EQ(redirect_location("/\\evil.example/..%2fdir"), "/%5Cevil.example/..%2fdir/");
  EXPECT_EQ(redirect_location("\\\\evil.example"), "/%5C%5Cevil.example/");
}

TEST(RedirectLocation, encodes_what_a_url_must_not_have) {
  EXPECT_EQ(redirect_location("/\xc3\xa9\x01\t\"<>"), "/%C3%A9%01%09%22%3C%3E/");
  EXPECT_EQ(redirect_location("/a\0b"s), "/a%00b/");
  EXPECT_EQ(redirect_location("/a?\xff\\#\xff#"), "/a/?%FF%5C#%FF%23");
  EXPECT_EQ(redirect_location("/a%20b:@!$&'()*+,;=-._~"), "/a%20b:@!$&'()*+,;=-._~/");
}

}  // namespace
}  // namespace socketserver::http
