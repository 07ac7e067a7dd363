#include <string>

#include <gtest/gtest.h>

#include <socketserver/http/proto/content_disposition.hpp>

namespace socketserver::http {
namespace {

TEST(ContentDisposition, plain_names) {
  EXPECT_EQ(attachment("a-b_c (1).tar.gz"), "attachment; filename=\"a-b_c (1).tar.gz\"");
  EXPECT_EQ(attachment(""), "attachment; filename=\"\"");
}

TEST(ContentDisposition, other_names) {
  EXPECT_EQ(attachment("a\"b\\c"), "attachment; filename=\"a_b_c\"; filename*=UTF-8''a%22b%5Cc");
  EXPECT_EQ(attachment("\xc3\xa4/;"),
            "attachment; filename=\"____\"; filename*=UTF-8''%C3%A4%2F%3B");
  EXPECT_EQ(attachment("a\r\nb"), "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab");
  EXPECT_EQ(attachment("\xff"), "attachment; filename=\"_\"");
}

}  // namespace
}  // namespace socketserver::http
