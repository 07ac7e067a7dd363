#pragma once

// How convert.hpp converts what is neither array nor struct. Include that one.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

template <typename T>
T from_value(const Value& value);

template <typename T>
Value to_value(const T& object);

template <typename T>
constexpr std::string_view type_name_of();

namespace detail {

/// Knows how a type is converted: `from`, `to` and `name`. This one knows nothing.
template <typename T>
struct Converter {
  static constexpr bool kKnown = false;
};

/// Finds the `to_value` of a type's own namespace, and not the template of this one.
namespace hooks {
void to_value() = delete;

template <typename T>
auto call_to_value(const T& object) -> decltype(to_value(object)) {
  return to_value(object);
}
}  // namespace hooks

/// Throws the TypeError "expected `wanted`, got …".
[[noreturn]] void throw_expected(std::string_view wanted, const Value& value);

/// Throws the TypeError for a number that is not within `least` and `most`.
[[noreturn]] void throw_out_of_range(std::int64_t least, std::uint64_t most, const Value& value);

/// The number that a value of type int or biginteger is, when 64 bits hold it without sign.
std::optional<std::uint64_t> to_unsigned(const Value& value) noexcept;

/// A type that is one of Value's own.
template <typename T>
struct OwnConverter {
  static constexpr bool kKnown = true;
  static T from(const Value& value) {
    if (const T* own = value.get_if<T>()) return *own;
    throw_expected(Converter<T>::name(), value);
  }
  static Value to(const T& object) { return object; }
};

template <>
struct Converter<bool> : OwnConverter<bool> {
  static constexpr std::string_view name() { return "boolean"; }
};

template <>
struct Converter<std::string> : OwnConverter<std::string> {
  static constexpr std::string_view name() { return "string"; }
};

template <>
struct Converter<Binary> : OwnConverter<Binary> {
  static constexpr std::string_view name() { return "base64"; }
};

template <>
struct Converter<DateTime> : OwnConverter<DateTime> {
  static constexpr std::string_view name() { return "dateTime.iso8601"; }
};

template <>
struct Converter<Array> : OwnConverter<Array> {
  static constexpr std::string_view name() { return "array"; }
};

template <>
struct Converter<Struct> : OwnConverter<Struct> {
  static constexpr std::string_view name() { return "struct"; }
};

template <>
struct Converter<std::monostate> : OwnConverter<std::monostate> {
  static constexpr std::string_view name() { return "nil"; }
  static Value to(std::monostate) { return {}; }
};

template <>
struct Converter<Value> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "any"; }
  static Value from(const Value& value) { return value; }
  static Value to(const Value& value) { return value; }
};

template <std::integral T>
  requires(!std::same_as<T, bool> && !std::same_as<T, char>)
struct Converter<T> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() {
    return std::in_range<std::int32_t>(std::numeric_limits<T>::max()) ? "int" : "i8";
  }
  static T from(const Value& value) {
    if (const auto* number = value.get_if<std::int64_t>()) {
      if (std::in_range<T>(*number)) return static_cast<T>(*number);
    } else if (!value.is<BigInteger>()) {
      throw_expected("int", value);
    }
    if (const auto number = to_unsigned(value); number && std::in_range<T>(*number)) {
      return static_cast<T>(*number);
    }
    throw_out_of_range(std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), value);
  }
  static Value to(T object) { return object; }
};

template <std::floating_point T>
struct Converter<T> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "double"; }
  static T from(const Value& value) {
    if (const auto* number = value.get_if<double>()) return static_cast<T>(*number);
    if (const auto* number = value.get_if<std::int64_t>()) return static_cast<T>(*number);
    throw_expected(name(), value);
  }
  static Value to(T object) { return object; }
};

template <>
struct Converter<BigInteger> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "biginteger"; }
  static BigInteger from(const Value& value);
  static Value to(const BigInteger& object) { return object; }
};

template <>
struct Converter<Decimal> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "bigdecimal"; }
  static Decimal from(const Value& value);
  static Value to(const Decimal& object) { return object; }
};

template <>
struct Converter<std::chrono::sys_seconds> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "dateTime.iso8601"; }
  static std::chrono::sys_seconds from(const Value& value);
  static Value to(std::chrono::sys_seconds time) { return DateTime(time); }
};

template <>
struct Converter<std::chrono::local_seconds> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "dateTime.iso8601"; }
  static std::chrono::local_seconds from(const Value& value);
  static Value to(std::chrono::local_seconds time) { return DateTime(time); }
};

}  // namespace detail
}  // namespace socketserver::xmlrpc
