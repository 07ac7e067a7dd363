#include "xmlrpc/doc_markup.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace socketserver::xmlrpc {
namespace {

std::string marked(std::string_view text) {
  const std::vector<std::string> methods = {"a.b", "add"};
  return mark_up(text, methods);
}

TEST(DocMarkup, XR_164_addresses) {
  EXPECT_EQ(
      marked("see http://example.com/x?y=1&z=2."),
      "see <a href=\"http://example.com/x?y=1&amp;z=2\">http://example.com/x?y=1&amp;z=2</a>.");
  EXPECT_EQ(marked("https://a/"), "<a href=\"https://a/\">https://a/</a>");
  EXPECT_EQ(marked("http://a\"b"), "<a href=\"http://a&quot;b\">http://a\"b</a>");
  EXPECT_EQ(marked("http:// x"), "http:// x");
  EXPECT_EQ(marked("javascript:alert(1)"), "javascript:alert(1)");
}

TEST(DocMarkup, XR_164_standards) {
  EXPECT_EQ(marked("RFC 1952"), "<a href=\"https://www.rfc-editor.org/rfc/rfc1952\">RFC 1952</a>");
  EXPECT_EQ(marked("PEP8"), "<a href=\"https://peps.python.org/pep-0008/\">PEP8</a>");
  EXPECT_EQ(marked("PEP-3333"), "<a href=\"https://peps.python.org/pep-3333/\">PEP-3333</a>");
  EXPECT_EQ(marked("RFC, RFCs, XRFC 1, RFC 1234567890, RFC 1x"),
            "RFC, RFCs, XRFC 1, RFC 1234567890, RFC 1x");
}

TEST(DocMarkup, XR_164_methods) {
  EXPECT_EQ(marked("add(1), a.b(), sub(2), add"),
            "<a href=\"#-add\">add</a>(1), <a href=\"#-a.b\">a.b</a>(), sub(2), add");
  EXPECT_EQ(marked("self.add, self.add(1)"),
            "self.<strong>add</strong>, self.<a href=\"#-add\">add</a>(1)");
}

TEST(DocMarkup, XR_163_everything_is_escaped) {
  EXPECT_EQ(marked("<script>&'\""), "&lt;script&gt;&amp;&#x27;&quot;");
  EXPECT_EQ(marked("self.<b>"), "self.&lt;b&gt;");
}

TEST(DocMarkup, words_of_every_language_stay) {
  EXPECT_EQ(marked("Gr\u00fc\u00dfe. "), "Gr\u00fc\u00dfe. ");
  EXPECT_EQ(marked("...a.."), "...a..");
}

}  // namespace
}  // namespace socketserver::xmlrpc
