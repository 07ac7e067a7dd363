#pragma once

// How convert.hpp converts the containers of the standard library. Include that one.

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <socketserver/xmlrpc/codec/convert_scalars.hpp>
#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc::detail {

/// The elements of an array. @throws TypeError when it is none.
const Array& elements(const Value& value);

/// The elements of an array of `size` values. @throws TypeError when it is none or has others.
const Array& elements(const Value& value, std::size_t size);

/// The members of a struct. @throws TypeError when it is none.
const Struct& members(const Value& value);

template <typename T>
struct Converter<std::vector<T>> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "array"; }
  static std::vector<T> from(const Value& value) {
    const Array& values = elements(value);
    std::vector<T> result;
    result.reserve(values.size());
    for (const Value& element : values) result.push_back(from_value<T>(element));
    return result;
  }
  static Value to(const std::vector<T>& objects) {
    Array result;
    result.reserve(objects.size());
    for (const auto& object : objects) result.push_back(to_value<T>(object));
    return result;
  }
};

template <typename T, std::size_t N>
struct Converter<std::array<T, N>> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "array"; }
  static std::array<T, N> from(const Value& value) {
    const Array& values = elements(value, N);
    return [&values]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<T, N>{from_value<T>(values[I])...};
    }(std::make_index_sequence<N>());
  }
  static Value to(const std::array<T, N>& objects) {
    Array result;
    result.reserve(N);
    for (const T& object : objects) result.push_back(to_value<T>(object));
    return result;
  }
};

/// Maps from names.
template <typename Map>
struct MapConverter {
  using Mapped = typename Map::mapped_type;
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "struct"; }
  static Map from(const Value& value) {
    Map result;
    for (const auto& [key, member] : members(value))
      result.emplace(key, from_value<Mapped>(member));
    return result;
  }
  static Value to(const Map& map) {
    std::vector<Struct::Member> result;
    result.reserve(map.size());
    for (const auto& [key, object] : map) result.emplace_back(key, to_value<Mapped>(object));
    return Struct::from_members(std::move(result));
  }
};

template <typename T, typename... Rest>
struct Converter<std::map<std::string, T, Rest...>>
    : MapConverter<std::map<std::string, T, Rest...>> {};

template <typename T, typename... Rest>
struct Converter<std::unordered_map<std::string, T, Rest...>>
    : MapConverter<std::unordered_map<std::string, T, Rest...>> {};

template <typename T>
struct Converter<std::optional<T>> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return type_name_of<T>(); }
  static std::optional<T> from(const Value& value) {
    if (value.is_nil()) return std::nullopt;
    return from_value<T>(value);
  }
  static Value to(const std::optional<T>& object) {
    return object ? to_value<T>(*object) : Value();
  }
};

template <typename... T>
struct Converter<std::variant<T...>> {
  using Variant = std::variant<T...>;
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "any"; }
  static Variant from(const Value& value) { return first_that_fits<0>(value); }
  static Value to(const Variant& object) {
    return std::visit([](const auto& alternative) { return to_value(alternative); }, object);
  }

 private:
  template <std::size_t I>
  static Variant first_that_fits(const Value& value) {
    using Alternative = std::variant_alternative_t<I, Variant>;
    if constexpr (I + 1 == sizeof...(T)) {
      return Variant(std::in_place_index<I>, from_value<Alternative>(value));
    } else {
      try {
        return Variant(std::in_place_index<I>, from_value<Alternative>(value));
      } catch (const TypeError&) {
        return first_that_fits<I + 1>(value);
      }
    }
  }
};

template <typename... T>
struct Converter<std::tuple<T...>> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "array"; }
  static std::tuple<T...> from(const Value& value) {
    const Array& values = elements(value, sizeof...(T));
    return [&values]<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<T...>{from_value<T>(values[I])...};
    }(std::index_sequence_for<T...>());
  }
  static Value to(const std::tuple<T...>& objects) {
    return std::apply([](const T&... object) { return Array{to_value<T>(object)...}; }, objects);
  }
};

template <typename A, typename B>
struct Converter<std::pair<A, B>> {
  static constexpr bool kKnown = true;
  static constexpr std::string_view name() { return "array"; }
  static std::pair<A, B> from(const Value& value) {
    const Array& values = elements(value, 2);
    return {from_value<A>(values[0]), from_value<B>(values[1])};
  }
  static Value to(const std::pair<A, B>& objects) {
    return Array{to_value<A>(objects.first), to_value<B>(objects.second)};
  }
};

}  // namespace socketserver::xmlrpc::detail
