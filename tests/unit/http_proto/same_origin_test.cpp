#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/http/proto/same_origin.hpp>

namespace socketserver::http {
namespace {

bool is_cross(std::string_view host, std::string_view origin, std::string_view site = {}) {
  Headers headers;
  headers.add("Host", host);
  if (!origin.empty()) headers.add("Origin", origin);
  if (!site.empty()) headers.add("Sec-Fetch-Site", site);
  return is_cross_origin(headers);
}

TEST(SameOrigin, no_browser) {
  EXPECT_FALSE(is_cross("a", ""));
  EXPECT_FALSE(is_cross_origin({}));
}

TEST(SameOrigin, origin) {
  EXPECT_FALSE(is_cross("a.example", "http://a.example"));
  EXPECT_FALSE(is_cross("A.example:8000", "http://a.EXAMPLE:8000"));
  EXPECT_FALSE(is_cross("a.example", "http://a.example:80"));
  EXPECT_FALSE(is_cross("a.example:443", "https://a.example"));
  EXPECT_FALSE(is_cross("[::1]:8000", "http://[::1]:8000"));
  EXPECT_TRUE(is_cross("a.example", "http://b.example"));
  EXPECT_TRUE(is_cross("a.example:8000", "http://a.example:8001"));
  EXPECT_TRUE(is_cross("a.example:8000", "http://a.example"));
  EXPECT_TRUE(is_cross("a.example", "http://a.example.evil"));
  EXPECT_TRUE(is_cross("a.example", "http://evil-a.example"));
  EXPECT_TRUE(is_cross("a.example", "null"));
  EXPECT_TRUE(is_cross("a.example", "a.example"));
  EXPECT_TRUE(is_cross("a.example", "ftp://a.example"));
  EXPECT_TRUE(is_cross("", "http://"));
  EXPECT_TRUE(is_cross("", "http://:80"));
}

TEST(SameOrigin, several_origins) {
  Headers headers;
  headers.add("Host", "a");
  headers.add("Origin", "http://a");
  headers.add("Origin", "http://b");
  EXPECT_TRUE(is_cross_origin(headers));
}

TEST(SameOrigin, fetch_site_decides) {
  EXPECT_FALSE(is_cross("a", "http://b", "same-origin"));
  EXPECT_FALSE(is_cross("a", "", "none"));
  EXPECT_TRUE(is_cross("a", "http://a", "cross-site"));
  EXPECT_TRUE(is_cross("a", "http://a", "same-site"));
  EXPECT_TRUE(is_cross("a", "http://a", "anything"));
}

}  // namespace
}  // namespace socketserver::http
