#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace socketserver::http {

/// A field value with parameters: `form-data; name="a"`, `text/html; charset=utf-8`.
struct Parameterized {
  std::string value;  ///< In front of the first `;`, in lower case.

  /// Names in lower case, values as sent with their quotes taken off. No name occurs twice.
  std::vector<std::pair<std::string, std::string>> parameters;

  /// Returns the value of a parameter by its name in lower case, or nothing.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
};

/// Reads a `Content-Type` (RFC 9110 §8.3.1) or a `Content-Disposition` (RFC 6266 §4.1).
///
/// Strict: the value is a token, or two with a slash between; a parameter is `name=token` or
/// `name="quoted"`, without blanks around `=`; none may come twice, more than 16 are too many.
/// Nothing when it is anything else. In quotes a backslash escapes only `"` and `\`: browsers send
/// file names with backslashes as they are.
[[nodiscard]] std::optional<Parameterized> parse_parameterized(std::string_view field);

/// Returns the last component of a file name that a client gave, with '/' and '\' for separators:
/// "C:\pictures\me.png" gives "me.png". Empty where nothing is left that could name a file: "..".
///
/// What is returned has no separator and no control character, and may still be anything else: a
/// hidden name, a device's, one that is there already.
[[nodiscard]] std::string_view base_name(std::string_view file_name) noexcept;

/// Returns an extended value (RFC 8187 §3.2), `UTF-8''na%C3%AFve.txt`, decoded; nothing when it is
/// none, or not in UTF-8.
[[nodiscard]] std::optional<std::string> decode_extended_value(std::string_view text);

}  // namespace socketserver::http
