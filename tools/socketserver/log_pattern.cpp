#include "log_pattern.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include <socketserver/http/proto/text.hpp>

namespace socketserver::tool {
namespace {

// What the name of a variable begins with that is a header field of the request.
constexpr std::string_view kField = "http_";

constexpr std::string_view kNameLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

/// For use between quotes.
std::string text_of(std::string_view value) {
  if (value.empty()) return "-";
  std::string text;
  for (const char c : http::escape_log(value)) c == '"' ? text += "\\\"" : text += c;
  return text;
}

/// For use between blanks.
std::string word_of(std::string_view value) {
  std::string word;
  for (const char c : text_of(value)) c == ' ' ? word += "\\x20" : word += c;
  return word;
}

/// The word of a request line with this number; what is behind the second is the third.
std::string request_word(const LogValues& values, int number) {
  std::string_view line = values.entry.requestline;
  for (int i = 0; i < number; ++i) {
    const std::size_t blank = line.find(' ');
    line = blank == line.npos ? std::string_view() : line.substr(blank + 1);
  }
  return word_of(number < 2 ? line.substr(0, line.find(' ')) : line);
}

/// With the format of strftime(3). The tool never sets a locale, so months are English.
std::string local_time(const LogValues& values, const char* format) {
  const std::time_t time = values.entry.time;
  std::tm fields{};
  if (::localtime_r(&time, &fields) == nullptr) return "-";
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &fields)};
}

/// ISO 8601 has a colon in the distance from UTC.
std::string iso_time(const LogValues& values) {
  constexpr std::size_t kMinutes = 2;
  std::string text = local_time(values, "%Y-%m-%dT%H:%M:%S%z");
  if (text.size() > kMinutes) text.insert(text.size() - kMinutes, 1, ':');
  return text;
}

std::string seconds(std::int64_t whole, std::int64_t milliseconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%lld.%03lld", static_cast<long long>(whole),
                static_cast<long long>(milliseconds));
  return text.data();
}

std::string duration(const LogValues& values) {
  constexpr std::int64_t kMilliseconds = 1000;
  const auto all =
      std::chrono::duration_cast<std::chrono::milliseconds>(values.entry.duration).count();
  return seconds(all / kMilliseconds, all % kMilliseconds);
}

struct Variable {
  std::string_view name;
  std::string (*writer)(const LogValues& values, const std::string& field);
};

using Values = const LogValues&;
using Field = const std::string&;

constexpr std::array kVariables = {
    Variable{"remote_addr", [](Values v, Field) { return word_of(v.entry.client); }},
    Variable{"remote_port",
             [](Values v, Field) { return v.port == 0 ? "-" : std::to_string(v.port); }},
    Variable{"remote_user", [](Values v, Field) { return word_of(v.entry.user); }},
    Variable{"time_local", [](Values v, Field) { return local_time(v, "%d/%b/%Y:%H:%M:%S %z"); }},
    Variable{"time_iso8601", [](Values v, Field) { return iso_time(v); }},
    Variable{"msec", [](Values v, Field) { return seconds(v.entry.time, v.millisecond); }},
    Variable{"request", [](Values v, Field) { return text_of(v.entry.requestline); }},
    Variable{"request_method", [](Values v, Field) { return request_word(v, 0); }},
    Variable{"request_uri", [](Values v, Field) { return request_word(v, 1); }},
    Variable{"server_protocol", [](Values v, Field) { return request_word(v, 2); }},
    Variable{"status", [](Values v, Field) { return std::to_string(v.entry.status); }},
    Variable{"body_bytes_sent", [](Values v, Field) { return std::to_string(v.entry.body_bytes); }},
    Variable{"request_time", [](Values v, Field) { return duration(v); }},
    Variable{"pid", [](Values, Field) { return std::to_string(::getpid()); }},
};

std::string request_field(const LogValues& values, const std::string& name) {
  return text_of(values.headers.joined(name));
}

[[noreturn]] void refuse(std::string_view variable) {
  std::string text = "there is no variable \"$" + std::string(variable) + "\", but";
  for (const Variable& known : kVariables) text.append(" $").append(known.name).append(",");
  throw std::invalid_argument(text + " and $http_NAME for header fields");
}

}  // namespace

LogPattern::LogPattern(std::string_view text) {
  if (text.find_first_of("\r\n") != text.npos) throw std::invalid_argument("must be one line");
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    add_text(text.substr(0, dollar));
    text.remove_prefix(dollar);
    if (text.empty()) return;
    text.remove_prefix(1);
    if (text.starts_with('$')) {
      add_text("$");
      text.remove_prefix(1);
      continue;
    }
    const bool in_braces = text.starts_with('{');
    if (in_braces) text.remove_prefix(1);
    const std::size_t end = std::min(text.find_first_not_of(kNameLetters), text.size());
    const std::string_view name = text.substr(0, end);
    text.remove_prefix(end);
    if (name.empty() || (in_braces && !text.starts_with('}'))) {
      throw std::invalid_argument("a $ begins $NAME or ${NAME}; $$ is a dollar");
    }
    if (in_braces) text.remove_prefix(1);
    add_variable(name);
  }
}

void LogPattern::add_text(std::string_view text) {
  if (!text.empty()) pieces_.push_back({.text = std::string(text)});
}

void LogPattern::add_variable(std::string_view name) {
  if (name.starts_with(kField) && name.size() > kField.size()) {
    std::string field(name.substr(kField.size()));
    std::ranges::replace(field, '_', '-');
    pieces_.push_back({.text = std::move(field), .writer = request_field});
    return;
  }
  const auto* const known = std::ranges::find(kVariables, name, &Variable::name);
  if (known == kVariables.end()) refuse(name);
  pieces_.push_back({.text = {}, .writer = known->writer});
}

std::string LogPattern::line(const LogValues& values) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.writer == nullptr ? piece.text : piece.writer(values, piece.text);
  }
  return out;
}

}  // namespace socketserver::tool
