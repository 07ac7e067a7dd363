#include <gtest/gtest.h>

#include <cctype>
#include <cstring>
#include <iterator>
#include <socketserver/http/proto/headers.hpp>
#include <stdexcept>
#include <string>

namespace socketserver::http {
namespace {

using namespace std::string_literals;

static_assert(std::forward_iterator<Headers::const_iterator>);

TEST(Headers, HT_034_lookup_ignores_case_and_takes_the_first) {
  Headers headers;
  headers.add("Set-Cookie", "a=1");
  headers.add("X", "");
  headers.add("set-cookie", "b=2");
  EXPECT_EQ(headers["SET-COOKIE"], "a=1");
  EXPECT_EQ(headers.get("set-cookie"), "a=1");
  EXPECT_EQ(headers.get_all("Set-Cookie"), (std::vector<std::string_view>{"a=1", "b=2"}));
  EXPECT_EQ(headers.get("x"), "");
  EXPECT_EQ(headers.get("y"), std::nullopt);
  EXPECT_EQ(headers["y"], "");
  EXPECT_TRUE(headers.get_all("y").empty());
  EXPECT_TRUE(headers.contains("x"));
  EXPECT_FALSE(headers.contains("Set-Cooki"));
}

TEST(Headers, HT_077_text_has_all_lines_in_call_order) {
  Headers headers;
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(headers.text(), "");
  headers.add("B", "1");
  headers.add("a", "x: y");
  headers.add("B", "2");
  EXPECT_EQ(headers.text(), "B: 1\r\na: x: y\r\nB: 2\r\n");
  EXPECT_EQ(headers.size(), 3u);
}

TEST(Headers, iteration_yields_names_and_values_in_order) {
  Headers headers;
  headers.add("A", "1");
  headers.add("b", "two words");
  std::string seen;
  for (const auto [name, value] : headers) seen.append(name).append("=").append(value).append(";");
  EXPECT_EQ(seen, "A=1;b=two words;");
}

TEST(Headers, remove_takes_all_of_a_name_out) {
  Headers headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("a", "3");
  headers.add("C", "4");
  EXPECT_EQ(headers.remove("A"), 2u);
  EXPECT_EQ(headers.remove("A"), 0u);
  EXPECT_EQ(headers.text(), "B: 2\r\nC: 4\r\n");
  EXPECT_EQ(headers["c"], "4");
  EXPECT_EQ(headers["b"], "2");
  EXPECT_EQ(headers.size(), 2u);
}

TEST(Headers, set_replaces_all_of_a_name) {
  Headers headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("a", "3");
  headers.set("a", "new");
  EXPECT_EQ(headers.text(), "B: 2\r\na: new\r\n");
  headers.set("C", "first");
  EXPECT_EQ(headers["C"], "first");
}

TEST(Headers, arguments_may_be_views_of_the_object_itself) {
  const std::string long_name(100, 'n');  // so that the text grows while the name is added
  Headers headers;
  headers.add("First", "value");
  for (int i = 0; i < 20; ++i) headers.add(long_name, headers["First"]);
  for (int i = 0; i < 20; ++i) headers.add((*headers.begin()).name, long_name);
  EXPECT_EQ(headers.get_all(long_name), std::vector<std::string_view>(20, "value"));
  EXPECT_EQ(headers.get_all("First").back(), long_name);

  headers.set(long_name, headers["First"]);
  headers.set((*headers.begin()).name, headers["First"]);
  EXPECT_EQ(headers.text(), long_name + ": value\r\nFirst: value\r\n");
}

TEST(Headers, remove_may_be_given_a_name_that_it_removes) {
  Headers headers;
  headers.add("A", "1");
  headers.add("B", "2");
  headers.add("A", "3");
  const std::string_view last_name = (*std::next(headers.begin(), 2)).name;
  EXPECT_EQ(headers.remove(last_name), 2u);
  EXPECT_EQ(headers.text(), "B: 2\r\n");
}

TEST(Headers, clear_forgets_everything) {
  Headers headers;
  headers.add("A", "1");
  headers.clear();
  EXPECT_TRUE(headers.empty());
  EXPECT_EQ(headers.text(), "");
  headers.add("B", "2");
  EXPECT_EQ(headers.text(), "B: 2\r\n");
}

TEST(Headers, copies_and_moves_are_independent) {
  Headers headers;
  headers.add("A", "1");  // short enough for the string's own buffer
  Headers copy = headers;
  Headers moved = std::move(headers);
  copy.set("A", "2");
  EXPECT_EQ(moved["A"], "1");
  EXPECT_EQ(copy["A"], "2");
}

TEST(Headers, HT_078_add_and_set_refuse_what_splits_a_response) {
  Headers headers;
  headers.add("A", "1");
  for (const std::string& value : {"a\r\nSet-Cookie: x"s, "a\n"s, "\r"s, "a\0b"s}) {
    EXPECT_THROW(headers.add("B", value), std::invalid_argument);
    EXPECT_THROW(headers.set("A", value), std::invalid_argument);
  }
  for (const std::string& name : {""s, "a b"s, "a:"s, "a\r\n"s, "\xc4"s, "a\0"s}) {
    EXPECT_THROW(headers.add(name, "x"), std::invalid_argument);
    EXPECT_THROW(headers.set(name, "x"), std::invalid_argument);
  }
  EXPECT_EQ(headers.text(), "A: 1\r\n");
}

// Names and values are looked at several bytes at a time: each byte counts at each place.
TEST(Headers, HT_078_whatever_the_size_and_the_place) {
  const auto is_addable = [](const std::string& name, const std::string& value) {
    try {
      Headers().add(name, value);
      return true;
    } catch (const std::invalid_argument&) {
      return false;
    }
  };
  for (const std::size_t size :
       {1UL, 2UL, 3UL, 4UL, 5UL, 7UL, 8UL, 9UL, 15UL, 16UL, 17UL, 24UL, 25UL}) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        const char c = static_cast<char>(byte);
        std::string text(size, 'n');
        text[place] = c;
        const bool token = byte < 0x80 && (std::isalnum(byte) != 0 ||
                                           (c != 0 && std::strchr("!#$%&'*+-.^_`|~", c)));
        ASSERT_EQ(is_addable(text, "v"), token) << size << ' ' << place << ' ' << byte;
        ASSERT_EQ(is_token(text), token) << size << ' ' << place << ' ' << byte;
        ASSERT_EQ(is_addable("n", text), c != '\r' && c != '\n' && c != '\0')
            << size << ' ' << place << ' ' << byte;
        const bool control = (byte < 0x20 && c != '\t') || byte == 0x7f;
        ASSERT_EQ(Headers().add_line("n: -" + text + '-') == FieldError::none, !control)
            << size << ' ' << place << ' ' << byte;
      }
    }
  }
}

TEST(Headers, grow_from_views_of_themselves) {
  Headers headers;
  headers.add("Name", "value");
  for (int i = 0; i < 12; ++i)
    headers.add("Name", headers.text().substr(0, headers.text().find('\r')));
  headers.add(headers.text().substr(0, 4), std::string(5000, 'x'));
  EXPECT_EQ(headers.size(), 14);
  EXPECT_EQ(headers.get_all("name")[12], "Name: value");
  EXPECT_EQ(headers.get_all("name")[13], std::string(5000, 'x'));
}

TEST(Headers, add_line_trims_and_checks) {
  Headers headers;
  EXPECT_EQ(headers.add_line("A:  b c\t"), FieldError::none);
  EXPECT_EQ(headers.add_line("B:"), FieldError::none);
  EXPECT_EQ(headers.add_line(" C: d"), FieldError::folded);
  EXPECT_EQ(headers.add_line("C"), FieldError::no_colon);
  EXPECT_EQ(headers.add_line(""), FieldError::no_colon);
  EXPECT_EQ(headers.add_line("C : d"), FieldError::bad_name);
  EXPECT_EQ(headers.add_line(":d"), FieldError::bad_name);
  EXPECT_EQ(headers.add_line("C: a\rb"), FieldError::bad_value);
  EXPECT_EQ(headers.text(), "A: b c\r\nB: \r\n");
  EXPECT_EQ(headers["A"], "b c");
}

TEST(Headers, HT_048_has_token_looks_at_every_field_of_the_name) {
  Headers headers;
  headers.add("Connection", "TE");
  headers.add("connection", "x, Close");
  EXPECT_TRUE(headers.has_token("Connection", "close"));
  EXPECT_TRUE(headers.has_token("CONNECTION", "te"));
  EXPECT_FALSE(headers.has_token("Connection", "clos"));
  EXPECT_FALSE(headers.has_token("Other", "close"));
}

TEST(HasToken, HT_048_compares_whole_members) {
  EXPECT_TRUE(has_token("close", "close"));
  EXPECT_TRUE(has_token("\t a ,CLOSE\t,b", "close"));
  EXPECT_TRUE(has_token(",,close", "close"));
  EXPECT_FALSE(has_token("", "close"));
  EXPECT_FALSE(has_token("closed, enclose, clo se", "close"));
}

TEST(IsToken, RFC_9110_5_6_2) {
  EXPECT_TRUE(is_token("!#$%&'*+-.^_`|~09azAZ"));
  EXPECT_FALSE(is_token(""));
  for (int c = 0; c < 256; ++c) {
    const auto byte = static_cast<char>(static_cast<unsigned char>(c));
    const bool expected = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') ||
                          (c != 0 && "!#$%&'*+-.^_`|~"s.find(byte) != std::string::npos);
    EXPECT_EQ(is_token(std::string(1, byte)), expected) << c;
  }
}

TEST(IEquals, ignores_the_case_of_ascii_letters_only) {
  EXPECT_TRUE(iequals("Content-LENGTH", "content-length"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("[", "{"));
  EXPECT_FALSE(iequals("@", "`"));
  EXPECT_FALSE(iequals("\xc4", "\xe4"));
}

TEST(Headers, joined_is_one_list_of_all_values_in_order) {
  Headers headers;
  EXPECT_EQ(headers.joined("Accept"), "");
  headers.add("Accept", "text/html");
  EXPECT_EQ(headers.joined("accept"), "text/html");
  headers.add("Host", "a");
  headers.add("ACCEPT", "text/plain, image/png");
  EXPECT_EQ(headers.joined("Accept"), "text/html, text/plain, image/png");
}

}  // namespace
}  // namespace socketserver::http
