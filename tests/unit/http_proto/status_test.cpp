#include <gtest/gtest.h>

#include <set>
#include <socketserver/http/proto/status.hpp>

namespace socketserver::http {
namespace {

TEST(Status, HT_096_has_the_62_codes_of_python_3_13) {
  EXPECT_EQ(responses().size(), 62u);
  const std::set<int> expected{100, 101, 102, 103, 200, 201, 202, 203, 204, 205, 206, 207, 208,
                               226, 300, 301, 302, 303, 304, 305, 307, 308, 400, 401, 402, 403,
                               404, 405, 406, 407, 408, 409, 410, 411, 412, 413, 414, 415, 416,
                               417, 418, 421, 422, 423, 424, 425, 426, 428, 429, 431, 451, 500,
                               501, 502, 503, 504, 505, 506, 507, 508, 510, 511};
  std::set<int> codes;
  for (const StatusText& text : responses()) {
    codes.insert(text.code);
    EXPECT_EQ(find_status(text.code), &text);
    EXPECT_FALSE(text.phrase.empty()) << text.code;
    EXPECT_TRUE(text.explanation.ends_with('.')) << text.code;
  }
  EXPECT_EQ(codes, expected);
}

TEST(Status, HT_096_phrases_are_those_of_RFC_9110) {
  EXPECT_EQ(find_status(200)->phrase, "OK");
  EXPECT_EQ(find_status(404)->phrase, "Not Found");
  EXPECT_EQ(find_status(413)->phrase, "Content Too Large");
  EXPECT_EQ(find_status(414)->phrase, "URI Too Long");
  EXPECT_EQ(find_status(416)->phrase, "Range Not Satisfiable");
  EXPECT_EQ(find_status(418)->phrase, "I'm a Teapot");
  EXPECT_EQ(find_status(422)->phrase, "Unprocessable Content");
  EXPECT_EQ(find_status(511)->phrase, "Network Authentication Required");
}

TEST(Status, HT_086_unknown_codes_are_not_found) {
  for (const int code : {-1, 0, 99, 104, 306, 418 + 1, 512, 999}) {
    EXPECT_EQ(find_status(code), nullptr) << code;
  }
}

}  // namespace
}  // namespace socketserver::http
