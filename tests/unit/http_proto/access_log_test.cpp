#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/proto/access_log.hpp>

namespace socketserver::http {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

AccessEntry entry() {
  return {.client = "192.0.2.7",
          .time = 971'211'336,
          .requestline = "GET /a.txt?x=1 HTTP/1.1",
          .status = 200,
          .body_bytes = 2326,
          .duration = 1500us};
}

TEST(AccessLog, common) {
  EXPECT_THAT(format_common_log(entry()),
              MatchesRegex(R"(192\.0\.2\.7 - - \[1[01]/Oct/2000:[0-9:]{8} [+-][0-9]{4}\] )"
                           R"("GET /a\.txt\?x=1 HTTP/1\.1" 200 2326)"));
  AccessEntry known = entry();
  known.user = "anna b";
  known.body_bytes = 0;
  EXPECT_THAT(format_common_log(known),
              AllOf(HasSubstr("192.0.2.7 - anna\\x20b ["), EndsWith("HTTP/1.1\" 200 -")));
}

TEST(AccessLog, combined) {
  EXPECT_THAT(format_combined_log(entry()), EndsWith("\" 200 2326 \"-\" \"-\""));
  AccessEntry linked = entry();
  linked.referer = "http://x/";
  linked.user_agent = "curl/8.0";
  EXPECT_THAT(format_combined_log(linked), EndsWith("\" 200 2326 \"http://x/\" \"curl/8.0\""));
}

TEST(AccessLog, json) {
  AccessEntry whole = entry();
  whole.user = "anna";
  whole.host = "example.org";
  whole.user_agent = "curl/8.0";
  EXPECT_EQ(format_json_log(whole),
            R"({"time": "2000-10-10T20:55:36Z", "client": "192.0.2.7", "user": "anna", )"
            R"("host": "example.org", "method": "GET", "target": "/a.txt?x=1", )"
            R"("version": "HTTP/1.1", "status": 200, "bytes": 2326, "duration": 0.001500, )"
            R"("referer": null, "user_agent": "curl/8.0"})");
}

TEST(AccessLog, HT_101_nothing_ends_a_field_or_a_line) {
  AccessEntry hostile = entry();
  const std::string text = "x\"y\\z\n\x1b[31m\x7f\xc2\x9b";
  hostile.requestline = text;
  hostile.user = text;
  hostile.referer = text;
  hostile.user_agent = text;
  for (const std::string& line :
       {format_common_log(hostile), format_combined_log(hostile), format_json_log(hostile)}) {
    for (const char* control : {"\n", "\x1b", "\x7f", "\x9b"}) {
      EXPECT_THAT(line, Not(HasSubstr(control)));
    }
  }
  EXPECT_THAT(format_combined_log(hostile), HasSubstr(R"("x\"y\\z\x0a\x1b[31m\x7f)"));
  EXPECT_THAT(format_json_log(hostile), HasSubstr(R"("x\"y\\z\u000a\u001b[31m\u007f\u009b")"));
}

TEST(AccessLog, a_line_that_is_none) {
  AccessEntry refused = entry();
  refused.requestline = "";
  EXPECT_THAT(format_common_log(refused), HasSubstr("\"\" 200"));
  EXPECT_THAT(format_json_log(refused),
              HasSubstr(R"("method": null, "target": null, "version": null)"));
  refused.requestline = "GET";
  EXPECT_THAT(format_json_log(refused), HasSubstr(R"("method": "GET", "target": null)"));
}

}  // namespace
}  // namespace socketserver::http
