#pragma once

// The bridge between C++ types and Value: `to_value(x)`, `from_value<T>(value)` and the name that a
// signature shows, for the types of the standard library and, by two free functions, for yours:
//
//   struct Point { int x, y; };
//   xmlrpc::Value to_value(const Point& p) { return xmlrpc::Struct{{"x", p.x}, {"y", p.y}}; }
//   void from_value(const xmlrpc::Value& value, Point& p) {
//     p = {value["x"].as<int>(), value["y"].as<int>()};
//   }

#include <concepts>
#include <string_view>
#include <type_traits>

#include <socketserver/xmlrpc/codec/convert_containers.hpp>
#include <socketserver/xmlrpc/codec/convert_scalars.hpp>
#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {
namespace detail {

/// A type with a `from_value(const Value&, T&)` in its own namespace.
template <typename T>
concept ReadByHook = std::default_initializable<T> &&
                     requires(const Value& value, T& result) { from_value(value, result); };

/// A type with a `to_value(const T&)` in its own namespace.
template <typename T>
concept WrittenByHook = requires(const T& object) {
  { hooks::call_to_value(object) } -> std::convertible_to<Value>;
};

}  // namespace detail

/// A type that `from_value` can make.
template <typename T>
concept FromValue = detail::Converter<T>::kKnown || detail::ReadByHook<T>;

/// A type that `to_value` takes.
template <typename T>
concept ToValue = detail::Converter<T>::kKnown || std::convertible_to<const T&, Value> ||
                  detail::WrittenByHook<T>;

/// Returns `value` as a T: bool, every integer (range checked), float, double, std::string, Binary,
/// DateTime, std::chrono::sys_seconds, local_seconds, BigInteger, Decimal, Value itself, Array,
/// Struct, std::vector<T>, std::array<T, N>, std::map<std::string, T> (and unordered),
/// std::optional<T> (nil is nothing), std::variant<T...> (the first that fits), std::pair and
/// std::tuple<T...> (arrays of that length), and whatever type has a `from_value(const Value&, T&)`
/// of its own in its namespace. An int does for a double, a BigInteger and a Decimal.
///
/// @throws TypeError saying what was wanted and what came: "expected int, got string".
template <typename T>
T from_value(const Value& value) {
  static_assert(FromValue<T>,
                "give T a `void from_value(const xmlrpc::Value&, T&)` and a default "
                "constructor");
  // If not, the sentence above is all that the compiler need say.
  if constexpr (detail::Converter<T>::kKnown) {
    return detail::Converter<T>::from(value);
  } else if constexpr (FromValue<T>) {
    T result{};
    from_value(value, result);
    return result;
  } else {
    throw TypeError("no from_value");
  }
}

/// Makes a value of the same types, and of what converts to Value, such as `const char*`; yours has
/// a `to_value(const T&)` in its namespace.
template <typename T>
Value to_value(const T& object) {
  static_assert(ToValue<T>, "give T a `xmlrpc::Value to_value(const T&)`");
  if constexpr (detail::Converter<T>::kKnown) {
    return detail::Converter<T>::to(object);
  } else if constexpr (std::convertible_to<const T&, Value>) {
    return object;
  } else if constexpr (ToValue<T>) {
    return detail::hooks::call_to_value(object);
  } else {
    return {};
  }
}

/// The name of T in a signature: int, i8, boolean, double, string, base64, dateTime.iso8601,
/// biginteger, bigdecimal, array, struct, nil (void as well); "any" for Value and for variants; the
/// one of T for std::optional<T>; "struct" for a type of yours, unless it specialises this.
template <typename T>
constexpr std::string_view type_name_of() {
  if constexpr (std::is_void_v<T>) {
    return "nil";
  } else if constexpr (detail::Converter<T>::kKnown) {
    return detail::Converter<T>::name();
  } else if constexpr (std::convertible_to<const T&, std::string_view>) {
    return "string";
  } else {
    return "struct";
  }
}

template <typename T>
T Value::as() const {
  return from_value<T>(*this);
}

}  // namespace socketserver::xmlrpc
