#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <socketserver/xmlrpc/codec/date_time.hpp>

namespace socketserver::xmlrpc {

/// Bytes, sent as base64. Source: Python `xmlrpc.client.Binary`.
struct Binary {
  std::string data;  ///< Any bytes; base64 is only on the wire.
  friend bool operator==(const Binary&, const Binary&) = default;
};

/// A whole number that 64 bits do not hold: an optional `-` and decimal digits.
struct BigInteger {
  std::string digits;  ///< Decimal, with a sign when negative.
  friend bool operator==(const BigInteger&, const BigInteger&) = default;
};

/// A decimal number that is to stay exact, as text. Source: Python `decimal.Decimal`.
struct Decimal {
  std::string text;  ///< As it is written in XML.
  friend bool operator==(const Decimal&, const Decimal&) = default;
};

class Value;

/// Values in their order.
using Array = std::vector<Value>;

/// Named values, in the order in which they were added. Names are unique and look-ups linear, as
/// fits the small structs that people send.
class Struct {
 public:
  using Member = std::pair<std::string, Value>;  ///< A name and its value.

  Struct() = default;
  /// In this order; a name that comes twice has the last value.
  Struct(std::initializer_list<Member> members);

  /// Takes members over, in n log n: of equal names the last value wins, in the first one's place.
  static Struct from_members(std::vector<Member> members);

  /// Sets the member of that name, in its old place when there is one.
  void set(std::string name, Value value);

  /// Returns the member of that name, or null.
  [[nodiscard]] const Value* find(std::string_view name) const noexcept;

  /// Returns the member of that name.
  /// @throws std::out_of_range naming it when there is none.
  [[nodiscard]] const Value& at(std::string_view name) const;

  /// Returns the member of that name, made with nil when there is none.
  Value& operator[](std::string_view name);

  [[nodiscard]] std::size_t size() const noexcept;  ///< How many members there are.
  [[nodiscard]] bool empty() const noexcept {
    return size() == 0;
  }  ///< Whether there is no member.

  /// `for (const auto& [name, value] : members)`.
  [[nodiscard]] std::vector<Member>::const_iterator begin() const noexcept;
  [[nodiscard]] std::vector<Member>::const_iterator end() const noexcept;

  /// Equal when they have equal members, in whatever order.
  friend bool operator==(const Struct& a, const Struct& b);

 private:
  std::vector<Member> members_;
};

/// What XML-RPC can say: one of its types, with the usual extensions.
///
/// ```cpp
/// const Value value = Struct{{"name", "Ada"}, {"born", 1815}, {"tags", Array{"x", 2.5, true}}};
/// value["name"].as<std::string>();  // throws TypeError when it is something else, or not there
/// ```
///
/// Thread safety: const members may be called from many threads at once.
/// Lifetime: returned references live until the next non-const call or destruction.
/// Source: the type table of Python's `xmlrpc.client`.
class Value {
 public:
  using Nil = std::monostate;  ///< Python's `None`.
  /// What a value can be.
  using Variant = std::variant<Nil, bool, std::int64_t, double, std::string, Binary, DateTime,
                               BigInteger, Decimal, Array, Struct>;

  Value() noexcept = default;        ///< nil
  Value(std::nullptr_t) noexcept {}  ///< Nil.
  /// No pointer becomes a bool.
  template <std::same_as<bool> T>
  Value(T value) noexcept : data_(value) {}

  /// BigInteger when 64 signed bits do not hold it.
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>)
  Value(T value) {
    if (std::in_range<std::int64_t>(value)) {
      data_ = static_cast<std::int64_t>(value);
    } else {
      data_ = BigInteger{std::to_string(value)};
    }
  }
  Value(std::floating_point auto value) noexcept : data_(static_cast<double>(value)) {}
  Value(std::string value) noexcept : data_(std::move(value)) {}
  Value(std::string_view value) : data_(std::string(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(Binary value) noexcept : data_(std::move(value)) {}
  Value(DateTime value) noexcept : data_(std::move(value)) {}
  Value(BigInteger value) noexcept : data_(std::move(value)) {}
  Value(Decimal value) noexcept : data_(std::move(value)) {}
  Value(Array value) noexcept : data_(std::move(value)) {}
  Value(Struct value) noexcept : data_(std::move(value)) {}

  /// Whether it holds a `T`.
  template <typename T>
  [[nodiscard]] bool is() const noexcept {
    return std::holds_alternative<T>(data_);
  }

  [[nodiscard]] bool is_nil() const noexcept { return is<Nil>(); }  ///< Whether it is nil.

  /// The value when it is of type T (one of Variant's), else null.
  template <typename T>
  [[nodiscard]] const T* get_if() const& noexcept {
    return std::get_if<T>(&data_);
  }
  template <typename T>
  [[nodiscard]] T* get_if() & noexcept {
    return std::get_if<T>(&data_);
  }
  template <typename T>
  const T* get_if() const&& = delete;  // it would point into what ends here

  /// The value as a T: any type that `from_value` knows. Include convert.hpp for it.
  /// @throws TypeError naming both types when it is something else.
  template <typename T>
  [[nodiscard]] T as() const;

  /// The member of a struct; of a temporary value it is moved out.
  /// @throws TypeError when it is no struct or has no such member.
  [[nodiscard]] const Value& operator[](std::string_view name) const&;
  [[nodiscard]] Value operator[](std::string_view name) &&;
  [[nodiscard]] const Value& operator[](const char* name) const& {
    return (*this)[std::string_view(name)];
  }
  [[nodiscard]] Value operator[](const char* name) && {
    return std::move(*this)[std::string_view(name)];
  }

  /// The element of an array; of a temporary value it is moved out.
  /// @throws TypeError when it is no array or has no such element.
  [[nodiscard]] const Value& operator[](std::integral auto index) const& {
    return element(std::in_range<std::size_t>(index) ? static_cast<std::size_t>(index) : kNoIndex);
  }
  [[nodiscard]] Value operator[](std::integral auto index) && {
    return std::move(const_cast<Value&>(std::as_const(*this)[index]));  // which is not const
  }

  /// The type's name as signatures show it: nil, boolean, int, double, string, base64,
  /// dateTime.iso8601, biginteger, bigdecimal, array or struct.
  [[nodiscard]] std::string_view type_name() const noexcept;

  [[nodiscard]] const Variant& variant() const noexcept { return data_; }  ///< For `std::visit`.
  [[nodiscard]] Variant& variant() noexcept { return data_; }              ///< For `std::visit`.

  /// Equal when type and content are: 1 is not 1.0.
  friend bool operator==(const Value& a, const Value& b) = default;

  /// Writes it as Python's repr would: `['any', {'a': 1}, None, True]`.
  friend std::ostream& operator<<(std::ostream& out, const Value& value);

 private:
  static constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);
  [[nodiscard]] const Value& element(std::size_t index) const;

  Variant data_;
};

}  // namespace socketserver::xmlrpc
