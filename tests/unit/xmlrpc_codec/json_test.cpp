#include <limits>
#include <sstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/json.hpp>

namespace socketserver::xmlrpc {
namespace {

std::string json_outcome(std::string_view text, const LoadLimits& limits = {}) {
  const JSONResult result = loads_json(text, limits);
  if (!result.value) return result.error;
  std::ostringstream out;
  out << *result.value;
  return out.str();
}

struct JSONRow {
  std::string_view text;
  std::string_view outcome;
};

TEST(JSON, read) {
  for (const JSONRow& row :
       {JSONRow{"null", "None"},
        JSONRow{" \t\r\n true \n", "True"},
        JSONRow{"false", "False"},
        JSONRow{"0", "0"},
        JSONRow{"-5", "-5"},
        JSONRow{"-0", "-0.0"},
        JSONRow{"1.0", "1.0"},
        JSONRow{"1e2", "100.0"},
        JSONRow{"1E-2", "0.01"},
        JSONRow{"-0.5e+1", "-5.0"},
        JSONRow{"0e0", "0.0"},
        JSONRow{"1e-999", "0.0"},
        JSONRow{"9223372036854775807", "9223372036854775807"},
        JSONRow{"9223372036854775808", "9223372036854775808"},
        JSONRow{"\"\"", "''"},
        JSONRow{"\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "'a\"\\\\/\\x08\\x0c\\n\\r\\t'"},
        JSONRow{"\"\\u0041\\u00e9\\u20AC\\ud835\\udd18\"", "'Aé€𝔘'"},
        JSONRow{"\"€𝔘\x7f\"", "'€𝔘\\x7f'"},
        JSONRow{"\"\\u0000\"", "'\\x00'"},
        JSONRow{"[]", "[]"},
        JSONRow{"{}", "{}"},
        JSONRow{"[ ]", "[]"},
        JSONRow{"[[],{}]", "[[], {}]"},
        JSONRow{"[1,[2,[3]],4]", "[1, [2, [3]], 4]"},
        JSONRow{"{\"b\":1,\"a\":{\"c\":[null]}}", "{'b': 1, 'a': {'c': [None]}}"},
        JSONRow{"{\"a\":1,\"b\":2,\"a\":3}", "{'a': 3, 'b': 2}"}}) {
    EXPECT_EQ(json_outcome(row.text), row.outcome) << row.text;
  }
  EXPECT_EQ(loads_json("9223372036854775808").value, Value(BigInteger{"9223372036854775808"}));
}

TEST(JSON, refused) {
  for (const JSONRow& row : {JSONRow{"", "expected a value at byte 0"},
                             JSONRow{" ", "expected a value at byte 1"},
                             JSONRow{"nul", "expected a value at byte 0"},
                             JSONRow{"True", "expected a value at byte 0"},
                             JSONRow{"NaN", "expected a value at byte 0"},
                             JSONRow{"Infinity", "expected a value at byte 0"},
                             JSONRow{"-", "expected a value at byte 0"},
                             JSONRow{"+1", "expected a value at byte 0"},
                             JSONRow{".5", "expected a value at byte 0"},
                             JSONRow{"'a'", "expected a value at byte 0"},
                             JSONRow{"5.", "expected a digit at byte 2"},
                             JSONRow{"1e", "expected a digit at byte 2"},
                             JSONRow{"1e+", "expected a digit at byte 3"},
                             JSONRow{"01", "something behind the value at byte 1"},
                             JSONRow{"-01", "something behind the value at byte 2"},
                             JSONRow{"0x1", "something behind the value at byte 1"},
                             JSONRow{"1 2", "something behind the value at byte 2"},
                             JSONRow{"[1]]", "something behind the value at byte 3"},
                             JSONRow{"1e999", "a number that no double holds at byte 5"},
                             JSONRow{"[", "expected a value at byte 1"},
                             JSONRow{"[1", "expected ',' or ']' at byte 2"},
                             JSONRow{"[1,]", "expected a value at byte 3"},
                             JSONRow{"[,1]", "expected a value at byte 1"},
                             JSONRow{"[1}", "expected ',' or ']' at byte 2"},
                             JSONRow{"[1 2]", "expected ',' or ']' at byte 3"},
                             JSONRow{"{", "expected a name in quotes at byte 1"},
                             JSONRow{"{a:1}", "expected a name in quotes at byte 1"},
                             JSONRow{"{\"a\"}", "expected ':' at byte 4"},
                             JSONRow{"{\"a\":}", "expected a value at byte 5"},
                             JSONRow{"{\"a\":1,}", "expected a name in quotes at byte 7"},
                             JSONRow{"{\"a\":1]", "expected ',' or '}' at byte 6"},
                             JSONRow{"/**/1", "expected a value at byte 0"},
                             JSONRow{"1//", "something behind the value at byte 1"},
                             JSONRow{"\xef\xbb\xbf"
                                     "1",
                                     "expected a value at byte 0"},
                             JSONRow{"\"", "a string without end at byte 1"},
                             JSONRow{"\"a\\", "no such escape at byte 3"},
                             JSONRow{"\"\\x\"", "no such escape at byte 2"},
                             JSONRow{"\"\\u12\"", "expected four hexadecimal digits at byte 3"},
                             JSONRow{"\"\\u12g4\"", "expected four hexadecimal digits at byte 3"},
                             JSONRow{"\"\\u-123\"", "expected four hexadecimal digits at byte 3"},
                             JSONRow{"\"\\u", "expected four hexadecimal digits at byte 3"},
                             JSONRow{"\"\\ud800\"", "half a surrogate pair at byte 7"},
                             JSONRow{"\"\\ud800\\n\"", "half a surrogate pair at byte 8"},
                             JSONRow{"\"\\udc00\"", "half a surrogate pair at byte 7"},
                             JSONRow{"\"\\ud800\\u0041\"", "half a surrogate pair at byte 13"},
                             JSONRow{"\"\n\"", "a control character in a string at byte 1"},
                             JSONRow{"\"\xff\"", "no UTF-8 at byte 1"},
                             JSONRow{"\"\xed\xa0\x80\"", "no UTF-8 at byte 1"},
                             JSONRow{"\"\xc3", "no UTF-8 at byte 1"}}) {
    EXPECT_EQ(json_outcome(row.text), row.outcome) << row.text;
  }
  EXPECT_EQ(json_outcome(std::string_view("\0", 1)), "expected a value at byte 0");
  EXPECT_EQ(json_outcome(std::string_view("1\0", 2)), "something behind the value at byte 1");
}

TEST(JSON, truncated_at_every_byte) {
  const std::string text =
      R"({"a": [1, -2.5e3, "x\u20ac\n", {"b": null}], "c": [true, false, {}]})";
  EXPECT_TRUE(loads_json(text).value);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(loads_json(std::string_view(text).substr(0, size)).value) << size;
  }
}

TEST(JSON, limits) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_TRUE(loads_json(nested(64)).value);
  EXPECT_EQ(json_outcome(nested(65)), "more than 64 arrays and objects in one another at byte 64");
  EXPECT_EQ(json_outcome(std::string(1'000'000, '[')),
            "more than 64 arrays and objects in one another at byte 64");
  EXPECT_EQ(json_outcome("[1,2,3]", {.values = 3}), "more than 3 values at byte 7");
  EXPECT_EQ(json_outcome("[1,2,3]", {.values = 4}), "[1, 2, 3]");
  EXPECT_EQ(json_outcome("[1,2,3]", {.bytes = 6}), "more than 6 bytes at byte 0");
  EXPECT_EQ(json_outcome(std::string(5000, '9')), "a number of too many digits at byte 5000");
}

TEST(JSON, written) {
  const Value value = Struct{{"b", Array{Value(), true, -5, 2.0, 1e300}},
                             {"a\"\\\n\x01", "€</script>"},
                             {"c", Array{Binary{"hi!?"}, DateTime("20050210T11:41:23")}},
                             {"d", Array{BigInteger{"98765432100123456789"}, Decimal{"1.10"}}}};
  EXPECT_EQ(dumps_json(value),
            "{\"b\":[null,true,-5,2.0,1e+300],\"a\\\"\\\\\\n\\u0001\":\"€</script>\","
            "\"c\":[\"aGkhPw==\",\"20050210T11:41:23\"],\"d\":[98765432100123456789,1.10]}");
  EXPECT_EQ(dumps_json(Array{Array{}, Struct{}}), "[[],{}]");
}

// A terminal takes some of them for commands.
TEST(JSON, control_characters_are_escaped_all_of_them) {
  EXPECT_EQ(dumps_json("\x1f\x7f\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0"),
            "\"\\u001f\\u007f\\u0080\\u009b\\u009f\xc2\xa0\"");
}

TEST(JSON, no_more_than_so_many_bytes) {
  for (const Value& value :
       {Value("12345678"), Value(Array{1, 2, 3, 4, "5"}), Value(Struct{{"12345", 1}})}) {
    const std::string text = dumps_json(value);
    EXPECT_EQ(dumps_json(value, text.size()), text);
    EXPECT_THROW(dumps_json(value, text.size() - 1), Error);
  }
  EXPECT_THROW(dumps_json(Binary{std::string(10, 'x')}, 9), Error);
}

TEST(JSON, not_written) {
  EXPECT_THROW(dumps_json(std::numeric_limits<double>::quiet_NaN()), TypeError);
  EXPECT_THROW(dumps_json(-std::numeric_limits<double>::infinity()), TypeError);
  EXPECT_THROW(dumps_json("\xff"), TypeError);
  EXPECT_THROW(dumps_json(Struct{{"\xff", 1}}), TypeError);
  EXPECT_THROW(dumps_json(Decimal{"nan"}), TypeError);
  EXPECT_THROW(dumps_json(BigInteger{"1],[2"}), TypeError);
  EXPECT_THROW(dumps_json(BigInteger{"\"x\""}), TypeError);
}

}  // namespace
}  // namespace socketserver::xmlrpc
