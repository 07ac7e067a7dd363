#include <socketserver/xmlrpc/method.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "rpc.hpp"

namespace socketserver::xmlrpc {
namespace {

using testing::add;
using ::testing::ElementsAre;

std::string refusal(const Method& method, const Array& params) {
  try {
    (void)method(params);
  } catch (const InvalidParams& error) {
    return error.what();
  }
  return "called";
}

TEST(Method, calls_a_lambda_a_pointer_and_a_function_object) {
  EXPECT_EQ(Method([](int a, int b) { return a + b; })(Array{2, 3}), Value(5));
  EXPECT_EQ(Method(&add)(Array{2, 3}), Value(5));
  EXPECT_EQ(Method(add)(Array{2, 3}), Value(5));
  EXPECT_EQ(Method(std::function<int(int, int)>(add))(Array{2, 3}), Value(5));
  EXPECT_EQ(Method([](int a) noexcept { return -a; })(Array{2}), Value(-2));
}

TEST(Method, deduces_the_signature) {
  const Method method([](int, bool, double, const std::string&, const Binary&, const DateTime&,
                         const Struct&, const std::vector<int>&) { return std::int64_t{1}; });
  EXPECT_THAT(method.types(), ElementsAre("i8", "int", "boolean", "double", "string", "base64",
                                          "dateTime.iso8601", "struct", "array"));
  EXPECT_EQ(method.least_params(), 8);
}

TEST(Method, shows_its_signature) {
  const auto sum = [](int a, std::optional<double>) { return a; };
  EXPECT_EQ(Method(sum).signature_text(), "(int, double?) -> int");
  EXPECT_EQ(Method(sum, {.params = {"a", "b"}}).signature_text(), "(int a, double b?) -> int");
  EXPECT_EQ(Method([](const Array&) {}).signature_text(), "(...) -> nil");
}

TEST(Method, XR_092_refuses_another_number_of_arguments) {
  EXPECT_EQ(refusal(Method(add), Array{1}), "takes 2 arguments, 1 was given");
  EXPECT_EQ(refusal(Method(add), Array{1, 2, 3}), "takes 2 arguments, 3 were given");
  EXPECT_EQ(refusal(Method([] { return 1; }), Array{1}), "takes 0 arguments, 1 was given");
  EXPECT_EQ(refusal(Method([](int, std::optional<int>) { return 1; }), {}),
            "takes 1 to 2 arguments, 0 were given");
}

TEST(Method, refuses_another_type_and_says_which) {
  EXPECT_EQ(refusal(Method(add), Array{1, "2"}), "argument 2: expected int, got string");
  EXPECT_THAT(refusal(Method(add), Array{1, std::int64_t{1} << 40}),
              ::testing::StartsWith("argument 2: "));
}

TEST(Method, an_error_of_the_function_is_not_one_of_its_arguments) {
  const Method method([](int) -> int { throw TypeError("of its own"); });
  try {
    (void)method(Array{1});
    FAIL();
  } catch (const InvalidParams&) {
    FAIL() << "taken for wrong parameters";
  } catch (const TypeError& error) {
    EXPECT_STREQ(error.what(), "of its own");
  }
}

TEST(Method, optional_arguments_at_the_end_may_be_left_out) {
  const Method method([](int a, std::optional<int> b, std::optional<int> c) {
    return a + b.value_or(10) + c.value_or(100);
  });
  EXPECT_EQ(method(Array{1}), Value(111));
  EXPECT_EQ(method(Array{1, 2}), Value(103));
  EXPECT_EQ(method(Array{1, nullptr, 3}), Value(14));
}

TEST(Method, views_look_at_what_is_kept_for_them) {
  const Method method(
      [](std::string_view a, std::string_view b) { return std::string(a) + std::string(b); });
  EXPECT_EQ(method(Array{"one", "two"}), Value("onetwo"));
}

TEST(Method, a_sole_array_takes_everything) {
  const Method method([](const Array& all) { return all.size(); });
  EXPECT_TRUE(method.takes_all());
  EXPECT_EQ(method({}), Value(0));
  EXPECT_EQ(method(Array{1, "two", 3.0}), Value(3));
}

TEST(Method, void_is_nil) {
  int calls = 0;
  EXPECT_EQ(Method([&calls] { ++calls; })({}), Value(nullptr));
  EXPECT_EQ(calls, 1);
}

TEST(Method, results_of_all_kinds) {
  EXPECT_EQ(Method([] {
              return std::map<std::string, int>{{"a", 1}};
            })({}),
            Value(Struct{{"a", 1}}));
  EXPECT_EQ(Method([] { return "text"; })({}), Value("text"));
  EXPECT_EQ(Method([](const Value& any) { return any; })(Array{Value(Array{1})}), Value(Array{1}));
}

TEST(Method, arguments_are_put_in_order_by_their_names) {
  const Method method(add, {.params = {"a", "b"}});
  EXPECT_EQ(method.in_order(Struct{{"b", 2}, {"a", 1}}), (Array{1, 2}));
  EXPECT_THROW((void)method.in_order(Struct{{"a", 1}}), InvalidParams);
  EXPECT_THROW((void)method.in_order(Struct{{"a", 1}, {"b", 2}, {"c", 3}}), InvalidParams);
  EXPECT_THROW((void)Method(add).in_order(Struct{{"a", 1}, {"b", 2}}), InvalidParams);
}

TEST(Method, an_optional_argument_need_not_be_named) {
  const Method method([](int a, std::optional<int> b) { return a + b.value_or(5); },
                      {.params = {"a", "b"}});
  EXPECT_EQ(method(method.in_order(Struct{{"a", 1}})), Value(6));
}

TEST(Method, names_must_be_as_many_as_parameters) {
  EXPECT_THROW(Method(add, {.params = {"a"}}), std::invalid_argument);
}

struct Point {
  int x = 0;
  int y = 0;
};

Value to_value(const Point& point) {
  return Struct{{"x", point.x}, {"y", point.y}};
}

void from_value(const Value& value, Point& point) {
  point = {value["x"].as<int>(), value["y"].as<int>()};
}

TEST(Method, types_of_the_program) {
  const Method method([](const Point& p) { return Point{p.y, p.x}; });
  EXPECT_EQ(method(Array{Struct{{"x", 1}, {"y", 2}}}), Value(Struct{{"x", 2}, {"y", 1}}));
  EXPECT_THAT(method.types(), ElementsAre("struct", "struct"));
}

TEST(Method, a_member_that_is_missing_in_a_type_of_the_program_is_a_wrong_argument) {
  const Method method([](const Point& p) { return p.x; });
  EXPECT_THAT(refusal(method, Array{Struct{{"x", 1}}}), ::testing::StartsWith("argument 1: "));
}

}  // namespace
}  // namespace socketserver::xmlrpc
