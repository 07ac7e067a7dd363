#pragma once

// The bridge between C++ types and Value: `to_value(x)`, `from_value<T>(value)` and the name that a
// signature shows, for the types of the standard library and, by two free functions, for yours:
//
//   struct Point { int x, y; };
//   xmlrpc::Value to_value(const Point& p) { return xmlrpc::Struct{{"x", p.x}, {"y", p.y}}; }
//   void from_value(const xmlrpc::Value& value, Point& p) {
//     p = {value["x"].as<int>(), value["y"].as<int>()};
//   }

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

/// Sets `result` from `value`; overloads for: bool, every integer (range checked), float, double,
/// std::string, Binary, DateTime, std::chrono::sys_seconds, local_seconds, BigInteger, Decimal,
/// Value itself, Array, Struct, std::vector<T>, std::array<T, N>, std::map<std::string, T> (and
/// unordered), std::optional<T> (nil is nothing), std::variant<T...> (the first that fits),
/// std::pair and std::tuple<T...> (arrays of that length), and whatever type has a
/// `from_value(const Value&, T&)` of its own in its namespace. An int does for a double.
///
/// @throws TypeError saying what was wanted and what came: "expected int, got string".
template <typename T>
T from_value(const Value& value);

/// Makes a value of the same types; yours has a `to_value(const T&)` in its namespace.
template <typename T>
Value to_value(const T& object);

/// The name of T in a signature: int, i8, boolean, double, string, base64, dateTime.iso8601, array,
/// struct, nil; "any" for Value and for variants; the one of T for std::optional<T>; "struct" for
/// a type of yours, unless it specialises this.
template <typename T>
constexpr std::string_view type_name_of();

}  // namespace socketserver::xmlrpc
