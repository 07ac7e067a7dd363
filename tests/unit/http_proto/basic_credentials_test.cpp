#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/http/proto/basic_credentials.hpp>

namespace socketserver::http {
namespace {

TEST(Base64, of_the_RFC) {
  // RFC 4648 §10.
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(decode_base64("Zm9vYmE="), "fooba");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
}

TEST(Base64, any_byte) {
  using namespace std::string_literals;
  EXPECT_EQ(decode_base64("AP/+"), "\0\xff\xfe"s);
  EXPECT_EQ(decode_base64("Zg"), "f") << "without padding";
}

TEST(Base64, what_is_none) {
  for (const std::string_view text : {"Z", "Zg=", "Zg===", "Z===", "=", "==", "====", "Zm9v=",
                                      "Zm 9v", "Zm9v\n", "Zm-_", "Zh==", "Zm9=", "Zm9vZ", "Z=g="}) {
    EXPECT_FALSE(decode_base64(text)) << text;
  }
}

TEST(BasicCredentials, of_the_RFC) {
  // RFC 7617 §2 and §2.1.
  const auto known = parse_basic_credentials("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  ASSERT_TRUE(known);
  EXPECT_EQ(known->user, "Aladdin");
  EXPECT_EQ(known->password, "open sesame");
  const auto pound = parse_basic_credentials("Basic dGVzdDoxMjPCow==");
  ASSERT_TRUE(pound);
  EXPECT_EQ(pound->password, "123\xc2\xa3");
}

TEST(BasicCredentials, colons_belong_to_the_password) {
  const auto credentials = parse_basic_credentials("basic  dTphOmI6");  // "u:a:b:"
  ASSERT_TRUE(credentials);
  EXPECT_EQ(credentials->user, "u");
  EXPECT_EQ(credentials->password, "a:b:");
}

TEST(BasicCredentials, empty_sides) {
  EXPECT_EQ(parse_basic_credentials("Basic Og==")->user, "");
  EXPECT_EQ(parse_basic_credentials("Basic Og==")->password, "");
}

TEST(BasicCredentials, what_is_none) {
  for (const std::string_view field :
       {"", "Basic", "Basic ", "Bearer QWxhZGRpbjpvcGVu", "BasicQWxhZGRpbjpvcGVu",
        "Basic dXNlcg==", "Basic !!!!", "Basic dTpw dTpw", "Basic dToA", "Basic dTpwCg=="}) {
    EXPECT_FALSE(parse_basic_credentials(field)) << field;
  }
}

TEST(BasicCredentials, cut_anywhere) {
  const std::string whole = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==";
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto credentials = parse_basic_credentials(std::string_view(whole).substr(0, size));
    if (!credentials) continue;
    EXPECT_EQ(credentials->user, "Aladdin");
    EXPECT_TRUE(std::string_view("open sesame").starts_with(credentials->password));
  }
}

}  // namespace
}  // namespace socketserver::http
