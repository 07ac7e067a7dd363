#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace socketserver::http {

/// The fields of a query string or a form: names and values as sent, decoded, in their order.
///
/// A name may occur many times, as that of check boxes does. Names and values are bytes: browsers
/// send UTF-8, others send what they like. Look-ups are linear: whoever parses bounds the number.
///
/// Thread safety: const members may be called from many threads at once.
/// Lifetime: every returned view lives until the next non-const call, move or destruction; of a
/// temporary none can be had.
/// Source: the list of pairs of Python's `urllib.parse.parse_qsl`.
class Parameters {
 public:
  using Field = std::pair<std::string, std::string>;  ///< A name and its value, decoded.

  /// Adds a field behind the others.
  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }

  /// Returns the value of the first field of that name, compared byte by byte, or nothing.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const& noexcept;
  std::optional<std::string_view> get(std::string_view name) const&& = delete;

  /// Returns the values of all fields of that name, in their order.
  [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const&;
  std::vector<std::string_view> get_all(std::string_view name) const&& = delete;

  /// Tells whether there is a field of that name, even one with an empty value.
  [[nodiscard]] bool contains(std::string_view name) const noexcept {
    return get(name).has_value();
  }

  /// Returns the value of the first field of that name, or "" when there is none.
  [[nodiscard]] std::string_view operator[](std::string_view name) const& noexcept {
    return get(name).value_or(std::string_view());
  }
  std::string_view operator[](std::string_view name) const&& = delete;

  /// How many fields there are; a name may come twice.
  [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }
  /// Whether there is no field.
  [[nodiscard]] bool empty() const noexcept { return fields_.empty(); }

  /// `for (const auto& [name, value] : parameters)`.
  [[nodiscard]] auto begin() const noexcept { return fields_.begin(); }
  [[nodiscard]] auto end() const noexcept { return fields_.end(); }

 private:
  std::vector<Field> fields_;
};

/// Bounds what a query string may cost.
struct QueryLimits {
  std::size_t bytes = std::size_t{64} * 1024;  ///< Of the text, still encoded.
  std::size_t count = 1000;                    ///< Of fields.
};

/// Reads a query string or a body of type `application/x-www-form-urlencoded`, as browsers write
/// them (WHATWG URL §5.1): `a=1&b=two+words&a=%C3%A9`.
///
/// `&` separates, `;` does not; the first `=` divides name from value, and without one the value is
/// empty; empty fields are skipped. `+` is a blank, `%hh` a byte; an escape that is not two
/// hexadecimal digits stays as it is. Returns nothing when a limit is exceeded, never a part.
/// Differs from Python: fields with an empty value are kept.
[[nodiscard]] std::optional<Parameters> parse_query(std::string_view text, QueryLimits limits = {});

}  // namespace socketserver::http
