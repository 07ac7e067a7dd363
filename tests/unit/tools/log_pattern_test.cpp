#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "log_pattern.hpp"

namespace socketserver::tool {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::ThrowsMessage;

/// What `pattern` makes of an answer.
std::string line(const std::string& pattern, const http::AccessEntry& entry,
                 const http::Headers& headers = {}) {
  return LogPattern(pattern).line(
      {.entry = entry, .headers = headers, .port = 40'000, .millisecond = 7});
}

http::AccessEntry entry() {
  return {.client = "192.0.2.7",
          .user = "anna",
          .time = 971'211'336,
          .requestline = "GET /a.txt?x=1 HTTP/1.1",
          .status = 200,
          .body_bytes = 2326,
          .duration = 1'002'500us};
}

TEST(LogPattern, variables) {
  EXPECT_EQ(line("$remote_addr $remote_port $remote_user", entry()), "192.0.2.7 40000 anna");
  EXPECT_EQ(line("\"$request\" $status $body_bytes_sent", entry()),
            "\"GET /a.txt?x=1 HTTP/1.1\" 200 2326");
  EXPECT_EQ(line("$request_method|$request_uri|$server_protocol", entry()),
            "GET|/a.txt?x=1|HTTP/1.1");
  EXPECT_EQ(line("$request_time $msec", entry()), "1.002 971211336.007");
  EXPECT_EQ(line("$pid", entry()), std::to_string(::getpid()));
  EXPECT_THAT(line("$time_local", entry()),
              MatchesRegex("1[01]/Oct/2000:[0-9]{2}:[0-9]{2}:36 [+-][0-9]{4}"));
  EXPECT_THAT(line("$time_iso8601", entry()),
              MatchesRegex("2000-10-1[01]T[0-9]{2}:[0-9]{2}:36[+-][0-9]{2}:[0-9]{2}"));
}

TEST(LogPattern, header_fields) {
  http::Headers headers;
  headers.add("User-Agent", "a browser");
  headers.add("X-A", "1");
  headers.add("x-a", "2");
  EXPECT_EQ(line("\"$http_user_agent\" $http_x_a $http_referer", entry(), headers),
            "\"a browser\" 1, 2 -");
}

TEST(LogPattern, is_the_format_that_nginx_calls_combined) {
  http::AccessEntry whole = entry();
  whole.referer = "http://x/";
  whole.user_agent = "a \"b\"";
  http::Headers headers;
  headers.add("Referer", "http://x/");
  headers.add("User-Agent", "a \"b\"");
  EXPECT_EQ(line("$remote_addr - $remote_user [$time_local] \"$request\" $status "
                 "$body_bytes_sent \"$http_referer\" \"$http_user_agent\"",
                 whole, headers),
            http::format_combined_log(whole));
}

TEST(LogPattern, text_and_braces) {
  using Row = std::pair<const char*, const char*>;
  for (const auto& [pattern, expected] :
       {Row{"", ""}, Row{"plain", "plain"}, Row{"${status}ms", "200ms"},
        Row{"$status$status", "200200"}, Row{"$$status", "$status"}, Row{"$$$status$$", "$200$"},
        Row{"{$status}", "{200}"}, Row{"$status.", "200."}, Row{"\t$status-", "\t200-"},
        Row{"}{", "}{"}}) {
    EXPECT_EQ(line(pattern, entry()), expected) << pattern;
  }
}

TEST(LogPattern, what_is_not_there) {
  EXPECT_EQ(line("$remote_addr $remote_user \"$request\" $request_method $request_uri "
                 "$server_protocol $body_bytes_sent $http_host",
                 {}),
            "- - \"-\" - - - 0 -");
  http::AccessEntry half;
  half.requestline = "GET";
  EXPECT_EQ(line("$request_method $request_uri", half), "GET -");
  EXPECT_EQ(LogPattern("$remote_port").line({.entry = half, .headers = {}}), "-");
}

TEST(LogPattern, unknown_variables_are_named) {
  for (const std::string name : {"foo", "Status", "status_", "http_", "sent_http_x", "1"}) {
    for (const std::string& pattern : {"$status $" + name, "${" + name + "}"}) {
      EXPECT_THAT([&] { LogPattern made(pattern); },
                  ThrowsMessage<std::invalid_argument>(
                      AllOf(HasSubstr("\"$" + name + "\""), HasSubstr("$remote_addr"),
                            HasSubstr("$pid"), HasSubstr("$http_NAME"))))
          << pattern;
    }
  }
}

TEST(LogPattern, what_is_no_variable) {
  for (const char* pattern : {"$", "a$", "$ status", "${", "${}", "${status", "${status $pid}",
                              "$-", "$\"", "${ status}", "$$$", "a\nb", "\r$status"}) {
    EXPECT_THROW(LogPattern{pattern}, std::invalid_argument) << pattern;
  }
}

TEST(LogPattern, every_beginning_of_a_pattern_is_one_or_is_refused) {
  const std::string whole = "a $$ ${status} \"$http_user_agent\" $request_time";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    try {
      EXPECT_THAT(line(whole.substr(0, size), entry()), Not(HasSubstr("${")));
    } catch (const std::invalid_argument&) {
    }
  }
}

TEST(LogPattern, HT_101_nothing_ends_a_field_or_a_line) {
  const std::string text = "x \"y\\z\n\x1b[31m\x7f\xc2\x9b";
  http::AccessEntry hostile{.client = text, .user = text, .requestline = text};
  http::Headers headers;
  EXPECT_EQ(headers.add_line("X: a\t\"b\" \x9b\\"), http::FieldError::none);
  const std::string escaped = R"(x \"y\\z\x0a\x1b[31m\x7f)"
                              "\xc2"
                              R"(\x9b)";
  EXPECT_EQ(line("\"$request\"", hostile), '"' + escaped + '"');
  EXPECT_EQ(line("$http_x", hostile, headers), R"(a\x09\"b\" \x9b\\)");
  // A word stays one.
  for (const char* word : {"$remote_addr", "$remote_user"}) {
    EXPECT_EQ(line(word, hostile), R"(x\x20)" + escaped.substr(2));
  }
  EXPECT_THAT(line("$request_method $request_uri $server_protocol", hostile),
              MatchesRegex("[^ \n]+ [^ \n]+ [^ \n]+"));
}

}  // namespace
}  // namespace socketserver::tool
