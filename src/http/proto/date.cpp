#include <chrono>
#include <cstring>
#include <ctime>
#include <socketserver/http/proto/date.hpp>
#include <socketserver/http/proto/headers.hpp>
#include <stdexcept>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

using std::chrono::sys_days;

constexpr std::int64_t seconds_of(std::chrono::year_month_day date) {
  return std::chrono::seconds(sys_days(date).time_since_epoch()).count();
}

constexpr std::int64_t kYear0 = seconds_of(std::chrono::year(0) / 1 / 1);
constexpr std::int64_t kYear10000 = seconds_of(std::chrono::year(10000) / 1 / 1);

/// Writes fixed-width text into a buffer that is large enough.
class Pen {
 public:
  explicit Pen(char* out) : out_(out) {}

  Pen& text(std::string_view text) {
    std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
    return *this;
  }

  /// The name of a day or a month: of a fixed size, so that no call is needed to copy it.
  Pen& name(std::string_view name) {
    constexpr std::size_t kSize = 3;
    std::memcpy(out_, name.data(), kSize);
    out_ += kSize;
    return *this;
  }

  Pen& number(unsigned value, unsigned width) {
    for (unsigned i = width; i-- > 0; value /= 10) out_[i] = static_cast<char>('0' + value % 10);
    out_ += width;
    return *this;
  }

 private:
  char* out_;
};

/// Reads a date from left to right. Each member takes what it names, or nothing.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] bool at_letter() const { return !rest_.empty() && is_alpha(rest_.front()); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool blanks() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_blank(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() != before;
  }

  std::string_view word() {
    std::size_t size = 0;
    while (size < rest_.size() && is_alpha(rest_[size])) ++size;
    return advance(size);
  }

  /// Takes all digits that follow; nothing when there are fewer than `min` or more than `max`.
  std::optional<int> number(std::size_t min, std::size_t max) {
    digits_ = 0;
    while (digits_ < rest_.size() && is_digit(rest_[digits_])) ++digits_;
    if (digits_ < min || digits_ > max) return std::nullopt;
    int value = 0;
    for (const char c : advance(digits_)) value = value * 10 + (c - '0');
    return value;
  }

  /// Returns how many digits the last number had.
  [[nodiscard]] std::size_t digits() const { return digits_; }

 private:
  std::string_view advance(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  std::string_view rest_;
  std::size_t digits_ = 0;
};

bool is_weekday(std::string_view word) {
  constexpr std::array<std::string_view, 7> kLong{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                  "Friday", "Saturday", "Sunday"};
  for (std::size_t i = 0; i < kLong.size(); ++i) {
    if (iequals(word, kWeekdayName[i]) || iequals(word, kLong[i])) return true;
  }
  return false;
}

std::optional<unsigned> scan_month(Scanner& in) {
  const std::string_view word = in.word();
  for (unsigned month = 1; month < kMonthName.size(); ++month) {
    if (iequals(word, kMonthName[month])) return month;
  }
  return std::nullopt;
}

/// Two digits are of the years 1969 to 2068: RFC 9110 asks for a window that moves with the
/// clock, but what this window gets wrong was never sent by anybody.
std::optional<int> scan_year(Scanner& in) {
  const auto year = in.number(2, 4);
  if (!year || in.digits() == 3) return std::nullopt;
  if (in.digits() == 4) return year;
  return *year + (*year < 69 ? 2000 : 1900);
}

/// Scans "08:49:37" to seconds since midnight. Second 60 is a leap second.
std::optional<std::int64_t> scan_time(Scanner& in) {
  const auto hour = in.number(2, 2);
  if (!hour || *hour > 23 || !in.take(':')) return std::nullopt;
  const auto minute = in.number(2, 2);
  if (!minute || *minute > 59 || !in.take(':')) return std::nullopt;
  const auto second = in.number(2, 2);
  if (!second || *second > 60) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

/// Scans a zone to its distance from UTC in seconds, east positive; no zone is UTC.
std::optional<std::int64_t> scan_zone(Scanner& in) {
  if (in.at_end()) return 0;
  for (const int sign : {+1, -1}) {
    if (!in.take(sign > 0 ? '+' : '-')) continue;
    const auto offset = in.number(4, 4);
    if (!offset || *offset / 100 > 23 || *offset % 100 > 59) return std::nullopt;
    return sign * (*offset / 100 * 3600 + *offset % 100 * 60);
  }
  struct Zone {
    std::string_view name;
    int hours;
  };
  static constexpr Zone kZones[] = {{"GMT", 0},  {"UTC", 0},  {"UT", 0},   {"Z", 0},
                                    {"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5},
                                    {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}};
  const std::string_view word = in.word();
  for (const Zone& zone : kZones) {
    if (iequals(word, zone.name)) return zone.hours * 3600;
  }
  return std::nullopt;
}

struct Scanned {
  std::optional<int> year;
  std::optional<unsigned> month;
  std::optional<int> day;
  std::optional<std::int64_t> time;
  std::optional<std::int64_t> zone = 0;
};

/// Scans "Nov  6 08:49:37 1994".
Scanned scan_asctime(Scanner& in) {
  Scanned date;
  date.month = scan_month(in);
  in.blanks();
  date.day = in.number(1, 2);
  in.blanks();
  date.time = scan_time(in);
  in.blanks();
  date.year = in.number(4, 4);
  return date;
}

/// Scans "06 Nov 1994 08:49:37 GMT" and "06-Nov-94 08:49:37 GMT".
Scanned scan_day_first(Scanner& in) {
  const auto separator = [&in] { return in.take('-') || in.blanks(); };
  Scanned date;
  date.day = in.number(1, 2);
  if (!separator()) return {};
  date.month = scan_month(in);
  if (!separator()) return {};
  date.year = scan_year(in);
  in.blanks();
  date.time = scan_time(in);
  in.blanks();
  date.zone = scan_zone(in);
  return date;
}

}  // namespace

std::string format_date(std::int64_t seconds) {
  std::string date(kDateSize, '\0');
  if (!format_date_to(date.data(), seconds)) {
    throw std::out_of_range("format_date: the year is not within 0 to 9999");
  }
  return date;
}

bool format_date_to(char* out, std::int64_t seconds) noexcept {
  if (seconds < kYear0 || seconds >= kYear10000) return false;
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const sys_days day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto second_of_day = static_cast<unsigned>((time - day).count());
  Pen(out)
      .name(kWeekdayName[std::chrono::weekday(day).iso_encoding() - 1])
      .text(", ")
      .number(unsigned(date.day()), 2)
      .text(" ")
      .name(kMonthName[unsigned(date.month())])
      .text(" ")
      .number(static_cast<unsigned>(int(date.year())), 4)
      .text(" ")
      .number(second_of_day / 3600, 2)
      .text(":")
      .number(second_of_day / 60 % 60, 2)
      .text(":")
      .number(second_of_day % 60, 2)
      .text(" GMT");
  return true;
}

std::string log_date(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm local{};
  if (localtime_r(&time, &local) == nullptr || local.tm_year < -1900 || local.tm_year > 9999 - 1900)
    throw std::out_of_range("log_date: the year is not within 0 to 9999");
  std::string date(sizeof("01/Jan/1970 00:00:00") - 1, '\0');
  const auto number = [](int value) { return static_cast<unsigned>(value); };
  Pen(date.data())
      .number(number(local.tm_mday), 2)
      .text("/")
      .name(kMonthName[number(local.tm_mon + 1)])
      .text("/")
      .number(number(local.tm_year + 1900), 4)
      .text(" ")
      .number(number(local.tm_hour), 2)
      .text(":")
      .number(number(local.tm_min), 2)
      .text(":")
      .number(number(local.tm_sec), 2);
  return date;
}

std::optional<std::int64_t> parse_date(std::string_view text) noexcept {
  Scanner in(trim_blanks(text));
  bool asctime = false;
  if (in.at_letter()) {
    if (!is_weekday(in.word())) return std::nullopt;
    const bool comma = in.take(',');
    if (!in.blanks()) return std::nullopt;
    asctime = !comma && in.at_letter();
  }
  const Scanned scanned = asctime ? scan_asctime(in) : scan_day_first(in);
  if (!scanned.year || !scanned.month || !scanned.day || !scanned.time || !scanned.zone) {
    return std::nullopt;
  }
  if (!in.at_end()) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*scanned.year),
                                         std::chrono::month(*scanned.month),
                                         std::chrono::day(static_cast<unsigned>(*scanned.day)));
  if (!date.ok()) return std::nullopt;
  return seconds_of(date) + *scanned.time - *scanned.zone;
}

}  // namespace socketserver::http
