#include <gtest/gtest.h>

#include <socketserver/http/proto/text.hpp>

namespace socketserver::http {
namespace {

using namespace std::string_literals;

std::string all_bytes() {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(static_cast<unsigned char>(c)));
  return all;
}

TEST(EscapeHtml, HT_071_HT_087_escapes_markup_and_leaves_quotes) {
  EXPECT_EQ(escape_html("short <b>&\"'"), "short &lt;b&gt;&amp;\"'");
  EXPECT_EQ(escape_html("<script>"), "&lt;script&gt;");
  EXPECT_EQ(escape_html("&lt;"), "&amp;lt;");
  EXPECT_EQ(escape_html(""), "");
  EXPECT_EQ(escape_html("\0\xff"s), "\0\xff"s);
}

TEST(EscapeHtml, HT_137_quotes_too_for_attributes) {
  EXPECT_EQ(escape_html("<a b=\"c\" d='e'>", true), "&lt;a b=&quot;c&quot; d=&#x27;e&#x27;&gt;");
}

TEST(EscapeJson, control_characters_and_delimiters) {
  EXPECT_EQ(escape_json("plain / text"), "plain / text");
  EXPECT_EQ(escape_json("\"\\"), "\\\"\\\\");
  EXPECT_EQ(escape_json("a\r\nb\t\0\x1f\x7f"s), "a\\u000d\\u000ab\\u0009\\u0000\\u001f\\u007f");
}

TEST(EscapeJson, utf8_stays) {
  for (const std::string_view text :
       {"\xc3\xb1", "\xe2\x82\xac", "\xed\x9f\xbf", "\xf0\x9f\x93\x81", "\xf4\x8f\xbf\xbf",
        "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80"}) {
    EXPECT_EQ(escape_json(text), text);
  }
}

TEST(EscapeJson, what_is_not_utf8_is_replaced) {
  const std::string bad = "\xef\xbf\xbd";
  for (const std::string_view text : {"\xff", "\x80", "\xc3", "\xc0", "\xf5"}) {
    EXPECT_EQ(escape_json(text), bad);
  }
  EXPECT_EQ(escape_json("\xc0\xaf"), bad + bad);  // overlong
  EXPECT_EQ(escape_json("\xe0\x9f\xbf"), bad + bad + bad);
  EXPECT_EQ(escape_json("\xed\xa0\x80"), bad + bad + bad);  // a surrogate
  EXPECT_EQ(escape_json("\xf4\x90\x80\x80"), bad + bad + bad + bad);
  EXPECT_EQ(escape_json("\xe2\x82"), bad + bad);
  EXPECT_EQ(escape_json("\xf0\x9f\x93x"), bad + bad + bad + "x");
  EXPECT_EQ(escape_json("\xc3\"a"), bad + "\\\"a");
}

TEST(PercentDecode, HT_117_HT_193_decodes_once) {
  EXPECT_EQ(percent_decode("/te%73t"), "/test");
  EXPECT_EQ(percent_decode("%252e"), "%2e");
  EXPECT_EQ(percent_decode("%C3%b1"), "\xc3\xb1");
  EXPECT_EQ(percent_decode("%00"), "\0"s);
  EXPECT_EQ(percent_decode("a+b"), "a+b");
}

TEST(PercentDecode, bad_escapes_stay) {
  for (const char* text : {"%", "%4", "%zz", "%4z", "%z4", "100%", "%%", "%+1", "% 1", "%-1"}) {
    EXPECT_EQ(percent_decode(text), text);
  }
  EXPECT_EQ(percent_decode("%%41"), "%A");
  EXPECT_EQ(percent_decode("%4%41"), "%4A");
}

TEST(PercentEncodePath, HT_137_HT_139_encodes_all_but_unreserved_and_slash) {
  EXPECT_EQ(percent_encode_path("/a-Z_0.~"), "/a-Z_0.~");
  EXPECT_EQ(percent_encode_path("a<script>\"q\" &'.txt"), "a%3Cscript%3E%22q%22%20%26%27.txt");
  EXPECT_EQ(percent_encode_path("q?f#%A4:\\\xff"), "q%3Ff%23%25A4%3A%5C%FF");
}

TEST(PercentEncodePath, HT_121_every_byte_survives_both_ways) {
  EXPECT_EQ(percent_decode(percent_encode_path(all_bytes())), all_bytes());
}

TEST(EscapeLog, HT_022_HT_101_control_characters_become_visible) {
  EXPECT_EQ(escape_log("\x1b \0 \x7f \x9f"s), "\\x1b \\x00 \\x7f \\x9f");
  EXPECT_EQ(escape_log("a\r\nb\tc"), "a\\x0d\\x0ab\\x09c");
  EXPECT_EQ(escape_log("\x80"), "\\x80");
  EXPECT_EQ(escape_log("\xa0\xff"), "\xa0\xff");
}

TEST(EscapeLog, HT_024_backslash_is_doubled_and_quotes_stay) {
  EXPECT_EQ(escape_log("\"\\x1b'"), "\"\\\\x1b'");
}

TEST(Repr, HT_072_Z14_prefers_single_quotes) {
  EXPECT_EQ(repr("FOO"), "'FOO'");
  EXPECT_EQ(repr(""), "''");
  EXPECT_EQ(repr("F'O"), "\"F'O\"");
  EXPECT_EQ(repr("F\"O"), "'F\"O'");
  EXPECT_EQ(repr("F'\"O"), "'F\\'\"O'");
}

TEST(Repr, Z14_escapes_what_is_not_printable_ascii) {
  EXPECT_EQ(repr("a\\b"), "'a\\\\b'");
  EXPECT_EQ(repr("\t\n\r"), "'\\t\\n\\r'");
  EXPECT_EQ(repr("\0\x1f\x7f\x80\xe9"s), "'\\x00\\x1f\\x7f\\x80\\xe9'");
  for (const char c : repr(all_bytes())) {
    EXPECT_GE(c, ' ');
    EXPECT_LE(c, '~');
  }
}

}  // namespace
}  // namespace socketserver::http
