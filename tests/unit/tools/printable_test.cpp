#include "printable.hpp"

#include <gtest/gtest.h>

namespace socketserver::tool {
namespace {

TEST(Printable, control_characters_become_escapes) {
  EXPECT_EQ(printable("a\nb\x1b[1m\x7f"), "a\\x0ab\\x1b[1m\\x7f");
  EXPECT_EQ(printable("\xc2\x9b\xc2\x80\xc2\x9f"), "\\x9b\\x80\\x9f");
}

TEST(Printable, all_other_text_stays) {
  const char* text = "<&> \\ \u00a0\u00dc\u00e4\u20ac\u4e2d\U0001f600";
  EXPECT_EQ(printable(text), text);
  EXPECT_EQ(printable("\xc2"), "\xc2");
  EXPECT_EQ(printable(""), "");
}

}  // namespace
}  // namespace socketserver::tool
