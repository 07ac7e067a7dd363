#pragma once

#include <string>
#include <string_view>

namespace socketserver::http {

// All functions but `escape_json` and `is_utf8` take and give bytes: no character set is assumed or
// checked.

/// Returns `text` so that HTML shows it as it is: `&`, `<` and `>` become entities, and with
/// `quotes` also `"` and `'`, which attribute values need. Python's `html.escape`.
[[nodiscard]] std::string escape_html(std::string_view text, bool quotes = false);

/// Returns `text` for use between the quotes of a JSON string: quotes, backslashes and control
/// characters become escapes, and bytes that are not UTF-8 become U+FFFD, one for one (RFC 8259 §7,
/// §8.1).
[[nodiscard]] std::string escape_json(std::string_view text);

/// Tells whether `text` is UTF-8 (RFC 3629 §4).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Returns `text` with every `%hh` replaced by the byte it stands for, once: "%2541" gives "%41".
/// An escape that is not two hexadecimal digits stays as it is. Python's `unquote_to_bytes`.
[[nodiscard]] std::string percent_decode(std::string_view text);

/// Returns `text` (a decoded path) for use in a URL: all bytes except letters, digits, and
/// `-` `.` `_` `~` `/` become `%HH` (RFC 3986 §2.1). Python's `quote`.
[[nodiscard]] std::string percent_encode_path(std::string_view text);

/// Returns `text` safe to print in a log: control characters (below 0x20, 0x7f to 0x9f) become
/// `\xhh`, a backslash is doubled, so one line stays one line and a terminal is not steered.
/// Differs from Python: none since 3.12; before, control characters were printed.
[[nodiscard]] std::string escape_log(std::string_view text);

/// Returns `text` quoted for a message, like Python's `repr`: in `'`, or in `"` when the text has
/// `'` and no `"`; backslash, the quote, and whatever is not printable ASCII are escaped.
/// Differs from Python: bytes above 0x7e are always escaped, so the result fits a status line.
[[nodiscard]] std::string repr(std::string_view text);

}  // namespace socketserver::http
