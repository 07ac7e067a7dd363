#include <algorithm>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/parameterized.hpp>
#include <socketserver/http/proto/text.hpp>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

// Real ones have three at the most; each is compared with those before it.
constexpr std::size_t kMostParameters = 16;

/// RFC 8187 §3.2.1 attr-char, and the percent sign that begins an escape.
constexpr ByteSet kExtendedChars{[](char c) {
  return is_digit(c) || is_alpha(c) ||
         std::string_view("!#$&+-.^_`|~%").find(c) != std::string_view::npos;
}};

constexpr ByteSet kAsciiControl{[](char c) { return to_byte(c) < 0x20 || c == '\x7f'; }};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), to_lower);
  return result;
}

std::string_view take_token(std::string_view& text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && kTokenChars.contains(text[size])) ++size;
  const std::string_view token = text.substr(0, size);
  text.remove_prefix(size);
  return token;
}

/// Takes a quoted string, whose opening quote is at the front, off `text`.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    char c = text[i];
    if (c == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (!kFieldChars.contains(c)) return std::nullopt;
    const bool escapes =
        c == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\');
    if (escapes) c = text[++i];
    value.push_back(c);
  }
  return std::nullopt;
}

std::optional<std::string> take_value(std::string_view& text) {
  if (text.starts_with('"')) return take_quoted(text);
  const std::string_view token = take_token(text);
  return token.empty() ? std::nullopt : std::optional<std::string>(token);
}

}  // namespace

std::optional<std::string_view> Parameterized::get(std::string_view name) const noexcept {
  for (const auto& [known, text] : parameters) {
    if (known == name) return text;
  }
  return std::nullopt;
}

std::optional<Parameterized> parse_parameterized(std::string_view field) {
  Parameterized result;
  field = trim_blanks(field);
  const std::string_view type = take_token(field);
  if (type.empty()) return std::nullopt;
  result.value = lower(type);
  if (field.starts_with('/')) {
    field.remove_prefix(1);
    const std::string_view subtype = take_token(field);
    if (subtype.empty()) return std::nullopt;
    result.value += '/' + lower(subtype);
  }
  for (;;) {
    skip_blanks(field);
    if (field.empty()) return result;
    if (!field.starts_with(';')) return std::nullopt;
    field.remove_prefix(1);
    skip_blanks(field);
    // RFC 9110 §5.6.6 allows empty ones: `text/html;`.
    if (field.empty() || field.starts_with(';')) continue;
    std::string name = lower(take_token(field));
    if (name.empty() || !field.starts_with('=')) return std::nullopt;
    field.remove_prefix(1);
    auto value = take_value(field);
    if (!value || result.get(name) || result.parameters.size() == kMostParameters) {
      return std::nullopt;
    }
    result.parameters.emplace_back(std::move(name), std::move(*value));
  }
}

std::string_view base_name(std::string_view file_name) noexcept {
  const std::size_t separator = file_name.find_last_of("/\\");
  if (separator != std::string_view::npos) file_name.remove_prefix(separator + 1);
  const bool names_a_file =
      file_name != "." && file_name != ".." &&
      std::ranges::none_of(file_name, [](char c) { return kAsciiControl.contains(c); });
  return names_a_file ? file_name : std::string_view();
}

std::optional<std::string> decode_extended_value(std::string_view text) {
  const std::size_t charset_end = text.find('\'');
  if (charset_end == std::string_view::npos) return std::nullopt;
  const std::size_t language_end = text.find('\'', charset_end + 1);
  if (language_end == std::string_view::npos) return std::nullopt;
  const std::string_view value = text.substr(language_end + 1);
  if (!iequals(text.substr(0, charset_end), "utf-8") || !kExtendedChars.contains_all(value)) {
    return std::nullopt;
  }
  for (std::size_t i = value.find('%'); i != std::string_view::npos; i = value.find('%', i + 1)) {
    if (i + 2 >= value.size() || hex_value(value[i + 1]) < 0 || hex_value(value[i + 2]) < 0) {
      return std::nullopt;
    }
  }
  std::string decoded = percent_decode(value);
  if (!is_utf8(decoded)) return std::nullopt;
  return decoded;
}

}  // namespace socketserver::http
