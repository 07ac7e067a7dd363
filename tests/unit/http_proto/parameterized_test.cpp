#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/proto/parameterized.hpp>
#include <string>

namespace socketserver::http {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::Pair;

TEST(Parameterized, has_a_value_and_parameters) {
  const auto type = parse_parameterized(" Text/HTML;Charset=UTF-8 ; a=\"b c\"\t");
  ASSERT_TRUE(type);
  EXPECT_EQ(type->value, "text/html");
  EXPECT_THAT(type->parameters, ElementsAre(Pair("charset", "UTF-8"), Pair("a", "b c")));
  EXPECT_EQ(type->get("charset"), "UTF-8");
  EXPECT_EQ(type->get("Charset"), std::nullopt);
}

TEST(Parameterized, parameters_may_be_missing_or_empty) {
  for (const auto* field : {"form-data", "form-data;", "form-data; ;; "}) {
    const auto value = parse_parameterized(field);
    ASSERT_TRUE(value) << field;
    EXPECT_EQ(value->value, "form-data");
    EXPECT_TRUE(value->parameters.empty());
  }
}

TEST(Parameterized, in_quotes_anything_goes) {
  const auto value = parse_parameterized(R"(x; a=""; b=";="; c="\"\\"; d="C:\temp\x.txt")");
  ASSERT_TRUE(value);
  EXPECT_THAT(value->parameters, ElementsAre(Pair("a", ""), Pair("b", ";="), Pair("c", "\"\\"),
                                             Pair("d", R"(C:\temp\x.txt)")));
}

TEST(Parameterized, anything_else_is_refused) {
  for (const std::string& field : {""s,
                                   " "s,
                                   ";a=b"s,
                                   "text/"s,
                                   "/html"s,
                                   "a/b/c"s,
                                   "text /html"s,
                                   "text/html charset=x"s,
                                   "x; a"s,
                                   "x; a="s,
                                   "x; =b"s,
                                   "x; a =b"s,
                                   "x; a= b"s,
                                   "x; a=b c"s,
                                   "x; a=\"b"s,
                                   "x; a=\"b\\"s,
                                   "x; a=\"b\\\""s,
                                   "x; a=\"b\"c"s,
                                   "x; a=b; A=c"s,
                                   "x; a=\"\r\n\""s,
                                   "x; a=\"\0\""s,
                                   "x, y"s}) {
    EXPECT_FALSE(parse_parameterized(field)) << field;
  }
}

TEST(Parameterized, sixteen_parameters_are_enough) {
  std::string field = "x";
  for (char name = 'a'; name < 'a' + 16; ++name) field.append("; ").append(1, name).append("=1");
  EXPECT_TRUE(parse_parameterized(field));
  EXPECT_FALSE(parse_parameterized(field + "; z=1"));
}

TEST(BaseName, is_the_last_component) {
  for (const auto& [given, expected] : std::initializer_list<std::pair<std::string, std::string>>{
           {"me.png", "me.png"},
           {R"(C:\pictures\me.png)", "me.png"},
           {"/etc/passwd", "passwd"},
           {R"(..\../x)", "x"},
           {"a/", ""},
           {"", ""},
           {".", ""},
           {"..", ""},
           {"a/..", ""},
           {"...", "..."},
           {".hidden", ".hidden"},
           {"a\tb", ""},
           {"a\0b"s, ""},
           {"na\xc3\xafve", "na\xc3\xafve"},
       }) {
    EXPECT_EQ(base_name(given), expected) << given;
  }
}

TEST(ExtendedValue, is_decoded) {
  EXPECT_EQ(decode_extended_value("UTF-8''na%C3%AFve.txt"), "na\xc3\xafve.txt");
  EXPECT_EQ(decode_extended_value("utf-8'en'a"), "a");
  EXPECT_EQ(decode_extended_value("utf-8''"), "");
}

TEST(ExtendedValue, anything_else_is_refused) {
  for (const auto* text : {"", "a", "utf-8'a", "iso-8859-1''a", "''a", "utf-8''a b", "utf-8''%",
                           "utf-8''%4", "utf-8''%zz", "utf-8''%ff", "utf-8''a'b", "utf-8''a\"b"}) {
    EXPECT_FALSE(decode_extended_value(text)) << text;
  }
}

}  // namespace
}  // namespace socketserver::http
