#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace socketserver::http {

// Times are whole seconds since 1970-01-01 00:00:00 UTC without leap seconds, as in `time_t`.
// All names are English whatever the locale is.

/// Monday first, as Python's `weekdayname`.
inline constexpr std::array<std::string_view, 7> kWeekdayName{"Mon", "Tue", "Wed", "Thu",
                                                              "Fri", "Sat", "Sun"};

/// January is 1, as in Python's `monthname`; entry 0 is empty.
inline constexpr std::array<std::string_view, 13> kMonthName{
    "", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Length of an HTTP date: "Thu, 01 Jan 1970 00:00:00 GMT".
inline constexpr std::size_t kDateSize = 29;

/// Returns `seconds` as an HTTP date (IMF-fixdate, RFC 9110 §5.6.7); Python's `date_time_string`.
/// @throws std::out_of_range when the year is not within 0 to 9999.
[[nodiscard]] std::string format_date(std::int64_t seconds);

/// Writes the same text to `out`, `kDateSize` bytes without a terminating NUL; allocates nothing.
/// Returns false, and writes nothing, when the year is not within 0 to 9999.
[[nodiscard]] bool format_date_to(char* out, std::int64_t seconds) noexcept;

/// Returns `seconds` in local time as logs have it: "01/Jan/1970 01:00:00"; Python's
/// `log_date_time_string`. Local time is the C library's (`TZ`).
/// @throws std::out_of_range when the year cannot be represented.
[[nodiscard]] std::string log_date(std::int64_t seconds);

/// Reads a date out of a header field; nothing when it is none (then the field is ignored).
///
/// Takes the three forms of RFC 9110 §5.6.7,
///
///     Sun, 06 Nov 1994 08:49:37 GMT     (the weekday may be missing)
///     Sunday, 06-Nov-94 08:49:37 GMT    (years 69 to 99 are 19xx, 00 to 68 are 20xx)
///     Sun Nov  6 08:49:37 1994
///
/// and the zones GMT, UT, UTC, Z, none at all, +hhmm, -hhmm, and the North American ones from EST
/// to PDT. Whether the weekday fits the date is not checked.
///
/// Differs from Python: zones other than UTC are converted; Python ignores such a field.
[[nodiscard]] std::optional<std::int64_t> parse_date(std::string_view text) noexcept;

}  // namespace socketserver::http
