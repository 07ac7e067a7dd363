#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/convert.hpp>

namespace geometry {

struct Point {
  int x = 0;
  int y = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

socketserver::xmlrpc::Value to_value(const Point& point) {
  return socketserver::xmlrpc::Struct{{"x", point.x}, {"y", point.y}};
}

void from_value(const socketserver::xmlrpc::Value& value, Point& point) {
  point = {value["x"].as<int>(), value["y"].as<int>()};
}

struct Opaque {};

}  // namespace geometry

namespace socketserver::xmlrpc {

template <>
constexpr std::string_view type_name_of<geometry::Opaque>() {
  return "array";
}

namespace {

using namespace std::chrono_literals;
using geometry::Point;

template <typename T>
void round_trip(const T& object, const Value& value) {
  EXPECT_EQ(to_value(object), value);
  EXPECT_EQ(from_value<T>(value), object);
  EXPECT_EQ(value.as<T>(), object);
}

template <typename T>
std::string refusal(const Value& value) {
  try {
    static_cast<void>(value.as<T>());
  } catch (const TypeError& error) {
    return error.what();
  }
  return "fits";
}

TEST(Convert, scalars) {
  round_trip(true, true);
  round_trip(-5, -5);
  round_trip(std::uint8_t{255}, 255);
  round_trip(std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::min());
  round_trip(std::numeric_limits<std::uint64_t>::max(), BigInteger{"18446744073709551615"});
  round_trip(2.5, 2.5);
  round_trip(2.5F, 2.5);
  round_trip(std::string("x"), "x");
  round_trip(Binary{"x"}, Binary{"x"});
  round_trip(DateTime("20050210T11:41:23"), DateTime("20050210T11:41:23"));
  round_trip(BigInteger{"98765432100123456789"}, BigInteger{"98765432100123456789"});
  round_trip(Decimal{"1.10"}, Decimal{"1.10"});
  round_trip(Value("x"), "x");
  round_trip(std::chrono::sys_seconds(1108035683s), DateTime("20050210T11:41:23"));
  round_trip(std::chrono::local_seconds(1108035683s), DateTime("20050210T11:41:23"));
  EXPECT_EQ(Value(5).as<double>(), 5.0);
  EXPECT_EQ(Value(5).as<BigInteger>().digits, "5");
  EXPECT_EQ(Value(5).as<Decimal>().text, "5");
  EXPECT_EQ(to_value("text"), Value("text"));
  EXPECT_EQ(to_value(nullptr), Value());
}

TEST(Convert, containers) {
  round_trip(std::vector<int>{1, 2}, Array{1, 2});
  round_trip(std::vector<bool>{true, false}, Array{true, false});
  round_trip(std::vector<std::vector<int>>{{1}, {}}, Array{Array{1}, Array{}});
  round_trip(std::array<double, 2>{1.5, 2}, Array{1.5, 2.0});
  round_trip(std::map<std::string, int>{{"a", 1}, {"b", 2}}, Struct{{"a", 1}, {"b", 2}});
  round_trip(std::unordered_map<std::string, int>{{"a", 1}, {"b", 2}}, Struct{{"b", 2}, {"a", 1}});
  round_trip(std::optional<int>(5), 5);
  round_trip(std::optional<int>(), Value());
  round_trip(std::pair(1, std::string("x")), Array{1, "x"});
  round_trip(std::tuple(1, 2.5, true), Array{1, 2.5, true});
  round_trip(std::tuple<>(), Array{});
  round_trip(std::variant<int, std::string>("x"), "x");
  round_trip(std::variant<int, std::vector<int>>(7), 7);
  round_trip(Array{1, "x"}, Array{1, "x"});
  round_trip(Struct{{"a", 1}}, Struct{{"a", 1}});
}

// XR-019: an object is a struct of its fields, as its own to_value says.
TEST(Convert, XR_019_types_of_the_user) {
  round_trip(Point{1, 2}, Struct{{"x", 1}, {"y", 2}});
  round_trip(std::vector<Point>{{1, 2}}, Array{Struct{{"x", 1}, {"y", 2}}});
  round_trip(std::optional(Point{1, 2}), Struct{{"x", 1}, {"y", 2}});
  round_trip(std::map<std::string, Point>{{"p", {}}}, Struct{{"p", Struct{{"x", 0}, {"y", 0}}}});
}

// XR-016, XR-020: what XML-RPC cannot say does not compile.
TEST(Convert, XR_016_XR_020_only_what_can_be_said) {
  static_assert(!ToValue<geometry::Opaque> && !FromValue<geometry::Opaque>);
  static_assert(!ToValue<std::map<int, int>*> && !FromValue<char>);
  static_assert(ToValue<Point> && FromValue<Point> && ToValue<const char*>);
  static_assert(!std::constructible_from<Value, int*> && !std::constructible_from<Value, char>);
}

TEST(Convert, says_what_was_wanted) {
  EXPECT_EQ(refusal<int>("x"), "expected int, got string");
  EXPECT_EQ(refusal<int>(true), "expected int, got boolean");
  EXPECT_EQ(refusal<int>(2.0), "expected int, got double");
  EXPECT_EQ(refusal<bool>(1), "expected boolean, got int");
  EXPECT_EQ(refusal<std::int8_t>(128), "expected int of -128 to 127, got 128");
  EXPECT_EQ(refusal<unsigned>(-1), "expected int of 0 to 4294967295, got -1");
  EXPECT_EQ(refusal<std::int64_t>(BigInteger{"9223372036854775808"}),
            "expected int of -9223372036854775808 to 9223372036854775807, got 9223372036854775808");
  EXPECT_EQ(refusal<double>("1"), "expected double, got string");
  EXPECT_EQ(refusal<std::string>(Value()), "expected string, got nil");
  EXPECT_EQ(refusal<std::vector<int>>(Struct()), "expected array, got struct");
  EXPECT_EQ(refusal<std::vector<int>>(Array{1, "x"}), "expected int, got string");
  EXPECT_EQ((refusal<std::map<std::string, int>>(Array())), "expected struct, got array");
  EXPECT_EQ((refusal<std::pair<int, int>>(Array{1})), "expected array of 2 values, got one of 1");
  EXPECT_EQ((refusal<std::variant<int, bool>>("x")), "expected boolean, got string");
  EXPECT_EQ(refusal<std::chrono::sys_seconds>(DateTime("soon")),
            "expected dateTime.iso8601, got <DateTime 'soon'>");
  EXPECT_EQ(refusal<Point>(5), "expected struct, got int");
}

TEST(Convert, names_of_types) {
  EXPECT_EQ(type_name_of<int>(), "int");
  EXPECT_EQ(type_name_of<std::uint16_t>(), "int");
  EXPECT_EQ(type_name_of<unsigned>(), "i8");
  EXPECT_EQ(type_name_of<std::int64_t>(), "i8");
  EXPECT_EQ(type_name_of<bool>(), "boolean");
  EXPECT_EQ(type_name_of<float>(), "double");
  EXPECT_EQ(type_name_of<std::string>(), "string");
  EXPECT_EQ(type_name_of<const char*>(), "string");
  EXPECT_EQ(type_name_of<Binary>(), "base64");
  EXPECT_EQ(type_name_of<std::chrono::sys_seconds>(), "dateTime.iso8601");
  EXPECT_EQ(type_name_of<std::vector<int>>(), "array");
  EXPECT_EQ((type_name_of<std::tuple<int, int>>()), "array");
  EXPECT_EQ((type_name_of<std::map<std::string, int>>()), "struct");
  EXPECT_EQ(type_name_of<Value>(), "any");
  EXPECT_EQ((type_name_of<std::variant<int, bool>>()), "any");
  EXPECT_EQ(type_name_of<std::optional<bool>>(), "boolean");
  EXPECT_EQ(type_name_of<void>(), "nil");
  EXPECT_EQ(type_name_of<Point>(), "struct");
  EXPECT_EQ(type_name_of<geometry::Opaque>(), "array");
}

}  // namespace
}  // namespace socketserver::xmlrpc
