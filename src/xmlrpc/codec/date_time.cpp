#include <ctime>
#include <socketserver/xmlrpc/codec/date_time.hpp>
#include <stdexcept>

#include "xmlrpc/codec/blanks.hpp"

namespace socketserver::xmlrpc {
namespace {

using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

constexpr seconds kYear0 =
    local_seconds(local_days(std::chrono::year(0) / 1 / 1)).time_since_epoch();
constexpr seconds kYear10000 =
    local_seconds(local_days(std::chrono::year(10000) / 1 / 1)).time_since_epoch();

std::string format(int year, unsigned month, unsigned day, seconds time_of_day) {
  const std::chrono::hh_mm_ss<seconds> time(time_of_day);
  std::string text;
  const auto number = [&text](auto value, std::size_t width) {
    const std::string digits = std::to_string(value);
    text.append(width - digits.size(), '0').append(digits);
  };
  number(year, 4);
  number(month, 2);
  number(day, 2);
  text += 'T';
  number(time.hours().count(), 2);
  text += ':';
  number(time.minutes().count(), 2);
  text += ':';
  number(time.seconds().count(), 2);
  return text;
}

std::string format(local_seconds time) {
  if (time.time_since_epoch() < kYear0 || time.time_since_epoch() >= kYear10000) {
    throw std::out_of_range("xmlrpc::DateTime: the year is not within 0 to 9999");
  }
  const local_days day = std::chrono::floor<std::chrono::days>(time);
  const year_month_day date(day);
  return format(static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), time - day);
}

/// Now, as the clock on this machine's wall shows it.
local_seconds local_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  const local_seconds utc{seconds(now)};
  return utc + seconds(parts.tm_gmtoff);
}

/// A time and the offset that its text names.
struct Reading {
  local_seconds time;
  seconds offset{0};
};

/// Reads from left to right. Each member takes what it names, or says that it is not there.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Takes exactly `width` digits.
  bool number(std::size_t width, int& value) {
    if (rest_.size() < width) return false;
    value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return true;
  }

  /// Takes all digits there are, at least one.
  bool digits() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') rest_.remove_prefix(1);
    return rest_.size() != before;
  }

 private:
  std::string_view rest_;
};

/// `20050210` or `2005-02-10`.
bool read_date(Scanner& scanner, local_days& day) {
  int year = 0;
  int month = 0;
  int day_of_month = 0;
  if (!scanner.number(4, year)) return false;
  const bool dashes = scanner.take('-');
  if (!scanner.number(2, month)) return false;
  if (dashes && !scanner.take('-')) return false;
  if (!scanner.number(2, day_of_month)) return false;
  const year_month_day date(std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day_of_month)));
  if (!date.ok()) return false;
  day = local_days(date);
  return true;
}

/// `11:41:23`, then perhaps `.5`.
bool read_time(Scanner& scanner, seconds& time) {
  int hours = 0;
  int minutes = 0;
  int secs = 0;
  const bool shape = scanner.number(2, hours) && scanner.take(':') && scanner.number(2, minutes) &&
                     scanner.take(':') && scanner.number(2, secs);
  if (!shape || hours > 23 || minutes > 59 || secs > 59) return false;
  time = std::chrono::hours(hours) + std::chrono::minutes(minutes) + seconds(secs);
  return !(scanner.take('.') || scanner.take(',')) || scanner.digits();
}

/// Nothing, `Z`, `+01`, `+0100` or `+01:00`.
bool read_zone(Scanner& scanner, seconds& offset) {
  if (scanner.at_end() || scanner.take('Z')) return true;
  const bool west = scanner.take('-');
  if (!west && !scanner.take('+')) return false;
  int hours = 0;
  int minutes = 0;
  if (!scanner.number(2, hours)) return false;
  const bool colon = scanner.take(':');
  if ((colon || !scanner.at_end()) && !scanner.number(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (west) offset = -offset;
  return true;
}

std::optional<Reading> read(std::string_view text) noexcept {
  Scanner scanner(text);
  local_days day;
  seconds time{0};
  Reading reading;
  if (!read_date(scanner, day) || !scanner.take('T') || !read_time(scanner, time) ||
      !read_zone(scanner, reading.offset) || !scanner.at_end()) {
    return std::nullopt;
  }
  reading.time = day + time;
  return reading;
}

}  // namespace

DateTime::DateTime() : DateTime(local_now()) {}

DateTime::DateTime(std::string_view text) : text_(trim_blanks(text)) {}

DateTime::DateTime(local_seconds time) : text_(format(time)) {}

DateTime::DateTime(sys_seconds time) : text_(format(local_seconds(time.time_since_epoch()))) {}

std::optional<local_seconds> DateTime::local_time() const noexcept {
  const auto reading = read(text_);
  if (!reading) return std::nullopt;
  return reading->time;
}

std::optional<sys_seconds> DateTime::utc_time() const noexcept {
  const auto reading = read(text_);
  if (!reading) return std::nullopt;
  return sys_seconds(reading->time.time_since_epoch() - reading->offset);
}

}  // namespace socketserver::xmlrpc
