#include <time.h>

#include <array>
#include <cstdio>
#include <socketserver/http/proto/access_log.hpp>
#include <socketserver/http/proto/date.hpp>
#include <socketserver/http/proto/text.hpp>

namespace socketserver::http {
namespace {

/// "10/Oct/2000:13:55:36 -0700", with English months whatever the locale is.
std::string local_time(std::int64_t seconds) {
  const time_t time = seconds;
  tm fields{};
  if (::localtime_r(&time, &fields) == nullptr) return "-";
  const long minutes = fields.tm_gmtoff / 60;
  const long distance = minutes < 0 ? -minutes : minutes;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%02d/%s/%04d:%02d:%02d:%02d %c%02ld%02ld",
                fields.tm_mday, kMonthName.at(static_cast<std::size_t>(fields.tm_mon) + 1).data(),
                fields.tm_year + 1900, fields.tm_hour, fields.tm_min, fields.tm_sec,
                minutes < 0 ? '-' : '+', distance / 60, distance % 60);
  return text.data();
}

std::string utc_time(std::int64_t seconds) {
  const time_t time = seconds;
  tm fields{};
  if (::gmtime_r(&time, &fields) == nullptr) return {};
  std::array<char, 64> text{};
  return {text.data(), ::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &fields)};
}

/// For use between quotes: the backslash is doubled already.
std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : escape_log(text)) c == '"' ? quoted += "\\\"" : quoted += c;
  return quoted + '"';
}

/// For use between blanks.
std::string as_word(std::string_view text) {
  if (text.empty()) return "-";
  std::string word;
  for (const char c : escape_log(text)) c == ' ' ? word += "\\x20" : word += c;
  return word;
}

/// Control characters beyond those of ASCII mean something to terminals, and nothing to JSON.
std::string json_string(std::string_view text) {
  if (text.empty()) return "null";
  std::string literal = "\"";
  const std::string escaped = escape_json(text);
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const bool is_c1 = escaped[i] == '\xc2' && i + 1 < escaped.size() &&
                       static_cast<unsigned char>(escaped[i + 1]) < 0xa0;
    if (is_c1) {
      std::array<char, 8> code{};
      std::snprintf(code.data(), code.size(), "\\u%04x",
                    static_cast<unsigned>(static_cast<unsigned char>(escaped[++i])));
      literal += code.data();
    } else if (escaped[i] == '\x7f') {
      literal += "\\u007f";
    } else {
      literal += escaped[i];
    }
  }
  return literal + '"';
}

/// The next word of a request line.
std::string_view take_word(std::string_view& line) {
  const std::size_t size = line.find(' ');
  const std::string_view word = line.substr(0, size);
  line = size == line.npos ? std::string_view() : line.substr(size + 1);
  return word;
}

std::string seconds_of(Duration duration) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.6f", std::chrono::duration<double>(duration).count());
  return text.data();
}

}  // namespace

std::string format_common_log(const AccessEntry& entry) {
  return as_word(entry.client) + " - " + as_word(entry.user) + " [" + local_time(entry.time) +
         "] " + in_quotes(entry.requestline) + ' ' + std::to_string(entry.status) + ' ' +
         (entry.body_bytes == 0 ? "-" : std::to_string(entry.body_bytes));
}

std::string format_combined_log(const AccessEntry& entry) {
  const auto field = [](std::string_view value) { return in_quotes(value.empty() ? "-" : value); };
  return format_common_log(entry) + ' ' + field(entry.referer) + ' ' + field(entry.user_agent);
}

std::string format_json_log(const AccessEntry& entry) {
  std::string_view line = entry.requestline;
  const std::string_view method = take_word(line);
  const std::string_view target = take_word(line);
  return "{\"time\": " + json_string(utc_time(entry.time)) +
         ", \"client\": " + json_string(entry.client) + ", \"user\": " + json_string(entry.user) +
         ", \"host\": " + json_string(entry.host) + ", \"method\": " + json_string(method) +
         ", \"target\": " + json_string(target) + ", \"version\": " + json_string(line) +
         ", \"status\": " + std::to_string(entry.status) +
         ", \"bytes\": " + std::to_string(entry.body_bytes) +
         ", \"duration\": " + seconds_of(entry.duration) +
         ", \"referer\": " + json_string(entry.referer) +
         ", \"user_agent\": " + json_string(entry.user_agent) + '}';
}

}  // namespace socketserver::http
