#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace socketserver::xmlrpc {

/// A date and a time of day as XML-RPC sends them: text without a zone, `20050210T11:41:23`.
///
/// The text is kept as it came, so that nothing a peer wrote is lost; it is read as a time only
/// when somebody asks. Which zone is meant, the two sides must have agreed upon.
///
/// Thread safety: const members may be called from many threads at once.
/// Differs from Python: texts with dashes, a fraction or a zone (`2005-02-10T11:41:23.5Z`) are read
/// as times as well; what is no time is no error until it is asked for.
/// Source: Python `xmlrpc.client.DateTime`; the XML-RPC specification, dateTime.iso8601.
class DateTime {
 public:
  /// Now, in local time.
  DateTime();

  /// Keeps `text` verbatim, without surrounding white space.
  explicit DateTime(std::string_view text);

  /// That time, without zone. @throws std::out_of_range outside of the years 0 to 9999.
  explicit DateTime(std::chrono::local_seconds time);

  /// That moment in UTC. @throws std::out_of_range outside of the years 0 to 9999.
  explicit DateTime(std::chrono::sys_seconds time);

  /// The text as it is sent.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

  /// The time that the text gives, whichever zone it names, or nothing when it is none. Parts of a
  /// second are dropped.
  [[nodiscard]] std::optional<std::chrono::local_seconds> local_time() const noexcept;

  /// The time that the text gives, in UTC: an offset that it names is applied; without one it is
  /// taken for UTC.
  [[nodiscard]] std::optional<std::chrono::sys_seconds> utc_time() const noexcept;

  /// Compares texts, as Python does.
  friend auto operator<=>(const DateTime&, const DateTime&) = default;
  friend bool operator==(const DateTime&, const DateTime&) = default;

 private:
  std::string text_;
};

}  // namespace socketserver::xmlrpc
