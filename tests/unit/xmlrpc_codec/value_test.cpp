#include <charconv>
#include <iterator>
#include <limits>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {
namespace {

std::string text_of(const Value& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST(Value, constructed) {
  EXPECT_TRUE(Value().is_nil());
  EXPECT_TRUE(Value(nullptr).is_nil());
  EXPECT_TRUE(Value(true).is<bool>());
  EXPECT_TRUE(Value(1).is<std::int64_t>());
  EXPECT_TRUE(Value(1U).is<std::int64_t>());
  EXPECT_EQ(Value(std::numeric_limits<std::uint64_t>::max()), BigInteger{"18446744073709551615"});
  EXPECT_TRUE(Value(1.0F).is<double>());
  EXPECT_TRUE(Value("x").is<std::string>());
  EXPECT_EQ(Value(Array{Value(Array{1})})[0], Value(Array{1}));
}

TEST(Value, indexed) {
  const Value value = Struct{{"name", "Ada"}, {"tags", Array{"x", 2.5}}};
  EXPECT_EQ(value["name"], Value("Ada"));
  EXPECT_EQ(value["tags"][0], Value("x"));
  EXPECT_EQ(value["tags"][std::size_t{1}], Value(2.5));
  EXPECT_THROW(static_cast<void>(value["none"]), TypeError);
  EXPECT_THROW(static_cast<void>(value["tags"][2]), TypeError);
  EXPECT_THROW(static_cast<void>(value["tags"][-1]), TypeError);
  EXPECT_THROW(static_cast<void>(value[0]), TypeError);
  EXPECT_THROW(static_cast<void>(value["name"]["x"]), TypeError);
}

TEST(Value, indexed_while_it_is_temporary) {
  const auto answer = [] { return Value(Struct{{"tags", Array{"x", std::string(100, 'y')}}}); };
  const Value& tags = answer()["tags"];  // what it refers to must not have ended
  EXPECT_EQ(tags[1], Value(std::string(100, 'y')));
  EXPECT_EQ(answer()["tags"][1], Value(std::string(100, 'y')));
  EXPECT_THROW(static_cast<void>(answer()["none"]), TypeError);
  EXPECT_THROW(static_cast<void>(answer()["tags"][2]), TypeError);
}

TEST(Value, equal_when_type_and_content_are) {
  EXPECT_EQ(Value(1), Value(1));
  EXPECT_NE(Value(1), Value(1.0));
  EXPECT_NE(Value(1), Value(true));
  EXPECT_NE(Value("x"), Value(Binary{"x"}));
  EXPECT_EQ(Value(Struct{{"a", 1}, {"b", 2}}), Value(Struct{{"b", 2}, {"a", 1}}));
  EXPECT_NE(Value(Struct{{"a", 1}, {"b", 2}}), Value(Struct{{"a", 1}, {"b", 3}}));
  EXPECT_NE(Value(Struct{{"a", 1}}), Value(Struct{{"a", 1}, {"b", 3}}));
}

TEST(Value, type_names) {
  EXPECT_EQ(Value().type_name(), "nil");
  EXPECT_EQ(Value(1).type_name(), "int");
  EXPECT_EQ(Value(DateTime("x")).type_name(), "dateTime.iso8601");
  EXPECT_EQ(Value(Decimal{"1"}).type_name(), "bigdecimal");
  EXPECT_EQ(Value(Struct()).type_name(), "struct");
}

TEST(Value, written_as_python_writes_it) {
  EXPECT_EQ(text_of(Array{"any", Struct{{"a", 1}, {"b", 2}}, Value(), true, 1e16, 0.1, -0.0, 5.0}),
            "['any', {'a': 1, 'b': 2}, None, True, 1e+16, 0.1, -0.0, 5.0]");
  EXPECT_EQ(text_of("it's"), "\"it's\"");
  EXPECT_EQ(text_of("it's \"it\""), "'it\\'s \"it\"'");
  EXPECT_EQ(text_of("\\\r\n\t\x01\x7f\xff€\xc2\x85"), "'\\\\\\r\\n\\t\\x01\\x7f\\xff€\\x85'");
  EXPECT_EQ(text_of(Binary{std::string("\0a'\xff", 4)}), "b\"\\x00a'\\xff\"");
  EXPECT_EQ(text_of(DateTime(" 20050210T11:41:23\n")), "<DateTime '20050210T11:41:23'>");
  EXPECT_EQ(text_of(Array{BigInteger{"5"}, Decimal{"1.10"}}), "[5, Decimal('1.10')]");
  EXPECT_EQ(text_of(Array{Array{}, Struct{}}), "[[], {}]");
}

// Against Python's repr.
TEST(Value, XR_003_doubles) {
  EXPECT_EQ(text_of(1e15), "1000000000000000.0");
  EXPECT_EQ(text_of(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(text_of(1e16), "1e+16");
  EXPECT_EQ(text_of(0.0001), "0.0001");
  EXPECT_EQ(text_of(0.00001), "1e-05");
  EXPECT_EQ(text_of(1.5e-7), "1.5e-07");
  EXPECT_EQ(text_of(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(text_of(5e-324), "5e-324");
  EXPECT_EQ(text_of(123456.789), "123456.789");
  EXPECT_EQ(text_of(0.0), "0.0");
  EXPECT_EQ(text_of(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(text_of(std::numeric_limits<double>::quiet_NaN()), "nan");
}

// The standard library's digits are the shortest, as Python's are.
TEST(Value, XR_003_doubles_of_few_decimals) {
  std::mt19937_64 random;
  for (int i = 0; i < 100'000; ++i) {
    double number = static_cast<double>(random() >> (random() % 64));
    for (auto decimals = random() % 7; decimals > 0; --decimals) number /= 10;
    if (number >= 1e16 || (number < 1e-4 && number != 0)) continue;
    char digits[32];
    const auto end = std::to_chars(digits, std::end(digits), number, std::chars_format::fixed).ptr;
    std::string expected(digits, end);
    if (expected.find('.') == std::string::npos) expected += ".0";
    ASSERT_EQ(text_of(number), expected);
    ASSERT_EQ(text_of(-number), '-' + expected);
  }
}

TEST(Struct, keeps_the_order_of_its_members) {
  Struct members{{"b", 1}, {"a", 2}};
  members.set("c", 3);
  members.set("b", 4);
  members["a"] = 5;
  EXPECT_TRUE(members["new"].is_nil());
  EXPECT_EQ(text_of(members), "{'b': 4, 'a': 5, 'c': 3, 'new': None}");
  EXPECT_EQ(members.size(), 4U);
  EXPECT_EQ(*members.find("c"), Value(3));
  EXPECT_EQ(members.find("d"), nullptr);
  EXPECT_THROW(static_cast<void>(members.at("d")), std::out_of_range);
}

// XR-046: as in a dict of Python, the last value wins in the first one's place.
TEST(Struct, XR_046_of_equal_names_the_last_wins) {
  EXPECT_EQ(text_of(Struct{{"a", 1}, {"b", 2}, {"a", 3}, {"a", 4}}), "{'a': 4, 'b': 2}");
  std::vector<Struct::Member> many;
  for (int i = 0; i < 100; ++i) many.emplace_back(std::to_string(i % 40), i);
  const Struct merged = Struct::from_members(std::move(many));
  EXPECT_EQ(merged.size(), 40U);
  EXPECT_EQ(merged.begin()->second, Value(80));
  EXPECT_EQ(merged.at("39"), Value(79));
  EXPECT_EQ(std::prev(merged.end())->first, "39");
}

TEST(Fault, is_what_python_prints) {
  const Fault fault(42, "it's");
  EXPECT_STREQ(fault.what(), "<Fault 42: \"it's\">");
  EXPECT_EQ(fault.code(), 42);
  EXPECT_EQ(fault.text(), "it's");
  EXPECT_EQ(text_of(fault.to_struct()), "{'faultCode': 42, 'faultString': \"it's\"}");
}

}  // namespace
}  // namespace socketserver::xmlrpc
