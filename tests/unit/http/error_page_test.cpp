#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/error_page.hpp"

namespace socketserver::http {
namespace {

using ::testing::HasSubstr;

TEST(ErrorPage, texts_go_to_their_places) {
  EXPECT_EQ(format_error_page("%(code)d|%(message)s|%(explain)s", 404, "short", "long"),
            "404|short|long");
  EXPECT_EQ(format_error_page("%(code)d%(code)d", 404, "", ""), "404404");
  EXPECT_EQ(format_error_page("", 404, "short", "long"), "");
}

TEST(ErrorPage, percent_signs) {
  EXPECT_EQ(format_error_page("width: 100%%;", 404, "", ""), "width: 100%;");
  EXPECT_EQ(format_error_page("100% %s %(other)s %", 404, "", ""), "100% %s %(other)s %");
  EXPECT_EQ(format_error_page("%%(code)d", 404, "", ""), "%(code)d");
}

TEST(ErrorPage, texts_are_no_formats) {
  EXPECT_EQ(format_error_page("%(message)s", 404, "%(code)d %%", ""), "%(code)d %%");
}

TEST(ErrorPage, texts_are_escaped) {
  EXPECT_EQ(format_error_page("%(message)s|%(explain)s", 404, "<b>&\"'", "<script>"),
            "&lt;b&gt;&amp;\"'|&lt;script&gt;");
}

TEST(ErrorPage, standard_page) {
  const std::string page = format_error_page(kErrorPage, 404, "Not Found", "Nothing here.");
  EXPECT_THAT(page, ::testing::StartsWith("<!DOCTYPE html>\n"));
  EXPECT_THAT(page, HasSubstr("<title>404 Not Found</title>"));
  EXPECT_THAT(page, HasSubstr("<h1>Not Found</h1>"));
  EXPECT_THAT(page, HasSubstr("<p>Nothing here.</p>"));
  EXPECT_THAT(page, HasSubstr("Error code: 404"));
  EXPECT_THAT(page, ::testing::Not(HasSubstr("%(")));
}

}  // namespace
}  // namespace socketserver::http
