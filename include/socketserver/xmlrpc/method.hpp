#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <socketserver/xmlrpc/callable.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>

namespace socketserver::xmlrpc {

/// What there is to say of a method beside its code.
struct MethodOptions {
  /// What it does, for `system.methodHelp` and the documentation page.
  std::string doc = {};

  /// The names of its parameters, in order, for the documentation and for JSON-RPC calls that name
  /// them. Either none or all.
  std::vector<std::string> params = {};
};

/// A function that clients may call, with its signature, which the compiler has deduced.
///
/// Made of a function pointer, a lambda, a std::function or another object with one call operator:
///
/// - parameters may be of every type that `from_value` knows, by value or const reference, and
///   std::string_view; the result of every type that `to_value` knows, or void, which is nil
/// - std::optional parameters at the end may be left out
/// - a sole parameter `const Array&` takes all parameters, however many and of whatever types; a
///   function of one array takes a `std::vector` of another type, or a Value
///
/// Thread safety: calls may come from many threads at once; the function must bear that.
class Method {
 public:
  /// @throws std::invalid_argument when `options.params` has another number of names than there are
  ///         parameters.
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, Method>)
  explicit Method(F&& function, MethodOptions options = {}) : options_(std::move(options)) {
    using Function = std::decay_t<F>;
    using Type = typename detail::FunctionOf<Function>::type;
    constexpr bool kCanBeCalled = !std::is_void_v<Type>;
    static_assert(kCanBeCalled,
                  "a registered function needs one signature, and to be callable as const: no "
                  "overloads, no auto parameters, no mutable lambda");
    if constexpr (kCanBeCalled) {
      using Signature = detail::Signature<Type>;
      types_ = Signature::kTypes;
      least_ = Signature::kLeast;
      most_ = Signature::kMost;
      check_names();
      call_ = [function = Function(std::forward<F>(function))](const Array& params) {
        return Signature::call(function, params);
      };
    }
  }

  /// Calls it.
  ///
  /// @throws InvalidParams when the parameters do not fit; what the function throws.
  Value operator()(const Array& params) const { return call_(params); }

  /// What `system.methodHelp` answers.
  [[nodiscard]] const std::string& doc() const noexcept { return options_.doc; }

  /// The names of the parameters; empty when none were given.
  [[nodiscard]] const std::vector<std::string>& params() const noexcept { return options_.params; }

  /// The types by their names in signatures: of the result, then of the parameters.
  [[nodiscard]] std::span<const std::string_view> types() const noexcept { return types_; }

  /// Whether it takes all parameters as one Array, so that their types are its own affair.
  [[nodiscard]] bool takes_all() const noexcept { return most_ == detail::kAnyNumber; }

  /// The fewest parameters that it can be called with.
  [[nodiscard]] std::size_t least_params() const noexcept { return least_; }

  /// `(int a, int b) -> int`; without names, `(int, int) -> int`.
  [[nodiscard]] std::string signature_text() const;

  /// The parameters in their order, from named ones.
  ///
  /// @throws InvalidParams when the method has no names for them, or these are others.
  [[nodiscard]] Array in_order(const Struct& named) const;

 private:
  void check_names() const;

  MethodOptions options_;
  std::span<const std::string_view> types_;  // of static storage
  std::size_t least_ = 0;
  std::size_t most_ = 0;
  std::function<Value(const Array&)> call_;
};

}  // namespace socketserver::xmlrpc
