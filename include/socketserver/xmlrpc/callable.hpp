#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <socketserver/xmlrpc/codec/convert.hpp>
#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

// What the compiler knows of a function that is registered: its result, its parameters, and how to
// call it with values that came from a client.

namespace socketserver::xmlrpc {

/// Parameters that a method cannot be called with: too few, too many, of a wrong type.
class InvalidParams : public TypeError {
 public:
  using TypeError::TypeError;
};

}  // namespace socketserver::xmlrpc

namespace socketserver::xmlrpc::detail {

/// Any number of parameters.
inline constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

/// How a parameter is kept until the call: views are kept as what they look at.
template <class T>
using Stored = std::conditional_t<std::is_same_v<std::remove_cvref_t<T>, std::string_view>,
                                  std::string, std::remove_cvref_t<T>>;

template <class T>
inline constexpr bool kIsOptional = false;
template <class T>
inline constexpr bool kIsOptional<std::optional<T>> = true;

/// The parameter number `index` as a T.
///
/// @throws InvalidParams naming the parameter; nothing else that from_value says of its value.
template <class T>
T argument(const Array& params, std::size_t index) {
  if constexpr (kIsOptional<T>) {
    if (index >= params.size()) return std::nullopt;
  }
  try {
    return from_value<T>(params[index]);
  } catch (const InvalidParams&) {
    throw;
  } catch (const TypeError& error) {
    throw InvalidParams("argument " + std::to_string(index + 1) + ": " + error.what());
  } catch (const std::out_of_range& error) {  // a struct without a member that T needs
    throw InvalidParams("argument " + std::to_string(index + 1) + ": " + error.what());
  }
}

/// @throws InvalidParams unless `count` is between `least` and `most`.
void require_count(std::size_t count, std::size_t least, std::size_t most);

template <class Function>
struct Signature;

template <class Result, class... Params>
struct Signature<Result(Params...)> {
  static_assert(((!std::is_lvalue_reference_v<Params> ||
                  std::is_const_v<std::remove_reference_t<Params>>)&&...),
                "a registered function cannot change its caller's arguments: take them by value or "
                "const reference");

  /// A sole parameter of type Array stands for all parameters, however many there are.
  static constexpr bool kTakesAll =
      sizeof...(Params) == 1 && (std::is_same_v<std::remove_cvref_t<Params>, Array> && ...);

  static constexpr std::array<std::string_view, sizeof...(Params) + 1> kTypes = {
      type_name_of<std::remove_cvref_t<Result>>(), type_name_of<Stored<Params>>()...};

  /// Up to the last parameter that is not optional.
  static constexpr std::size_t required() {
    if constexpr (sizeof...(Params) > 0) {
      constexpr std::array<bool, sizeof...(Params)> kOptional = {kIsOptional<Stored<Params>>...};
      for (std::size_t count = kOptional.size(); count > 0; --count) {
        if (!kOptional[count - 1]) return count;
      }
    }
    return 0;
  }

  static constexpr std::size_t kLeast = kTakesAll ? 0 : required();
  static constexpr std::size_t kMost = kTakesAll ? kAnyNumber : sizeof...(Params);

  template <class F>
  static Value call(const F& function, const Array& params) {
    if constexpr (kTakesAll) {
      return returned(function, params);
    } else {
      require_count(params.size(), kLeast, kMost);
      return call_with(function, params, std::index_sequence_for<Params...>());
    }
  }

 private:
  template <class F, std::size_t... kIndex>
  static Value call_with(const F& function, [[maybe_unused]] const Array& params,
                         std::index_sequence<kIndex...>) {
    std::tuple<Stored<Params>...> arguments{argument<Stored<Params>>(params, kIndex)...};
    return returned(function, std::move(std::get<kIndex>(arguments))...);
  }

  template <class F, class... Arguments>
  static Value returned(const F& function, Arguments&&... arguments) {
    if constexpr (std::is_void_v<Result>) {
      std::invoke(function, std::forward<Arguments>(arguments)...);
      return nullptr;
    } else if constexpr (std::is_same_v<std::remove_cvref_t<Result>, Value>) {
      return std::invoke(function, std::forward<Arguments>(arguments)...);
    } else {
      return to_value<std::remove_cvref_t<Result>>(
          std::invoke(function, std::forward<Arguments>(arguments)...));
    }
  }
};

/// The function type of a pointer, or of an object with one call operator that is const; else void.
template <class F>
struct FunctionOf : std::type_identity<void> {};
template <class R, class... P>
struct FunctionOf<R (*)(P...)> : std::type_identity<R(P...)> {};
template <class R, class... P>
struct FunctionOf<R (*)(P...) noexcept> : std::type_identity<R(P...)> {};
template <class C, class R, class... P>
struct FunctionOf<R (C::*)(P...) const> : std::type_identity<R(P...)> {};
template <class C, class R, class... P>
struct FunctionOf<R (C::*)(P...) const noexcept> : std::type_identity<R(P...)> {};
template <class F>
  requires requires { &F::operator(); }
struct FunctionOf<F> : FunctionOf<decltype(&F::operator())> {};

/// The name of the function that a pointer names, as it is spelled, without its namespaces.
template <auto kFunction>
constexpr std::string_view name_of() {
  std::string_view text = __PRETTY_FUNCTION__;
  // "… [with auto kFunction = ns::add; …]" of GCC, "… [kFunction = &ns::add]" of Clang.
  text.remove_prefix(text.find("kFunction = ") + std::string_view("kFunction = ").size());
  // What Clang writes where GCC has "{anonymous}".
  constexpr std::string_view kUnnamed = "(anonymous namespace)";
  if (const std::size_t at = text.rfind(kUnnamed); at != text.npos) {
    text.remove_prefix(at + kUnnamed.size());
  }
  text = text.substr(0, text.find_first_of(";]("));
  return text.substr(text.find_last_of(":&") + 1);
}

}  // namespace socketserver::xmlrpc::detail
