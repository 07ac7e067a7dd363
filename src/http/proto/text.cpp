#include <algorithm>
#include <socketserver/http/proto/text.hpp>

#include "base/utf8.hpp"
#include "http/proto/char_class.hpp"
#include "http/proto/encoding.hpp"

namespace socketserver::http {
namespace {

constexpr ByteSet kPathPlain{[](char c) { return kUnreserved.contains(c) || c == '/'; }};

/// C0, DEL and C1: what a terminal or a log reader could act upon.
constexpr ByteSet kControl{
    [](char c) { return to_byte(c) < 0x20 || (to_byte(c) >= 0x7f && to_byte(c) <= 0x9f); }};

void append_hex(std::string& out, std::string_view prefix, char c, std::string_view digits) {
  out.append(prefix);
  out.push_back(digits[to_byte(c) >> 4]);
  out.push_back(digits[to_byte(c) & 0xf]);
}

void append_hex_escape(std::string& out, char c) {
  append_hex(out, "\\x", c, "0123456789abcdef");
}

/// Returns how `c` is spelt in HTML text, or nothing when it stands for itself.
std::string_view entity(char c, bool quotes) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return quotes ? "&quot;" : "";
    case '\'':
      return quotes ? "&#x27;" : "";
    default:
      return "";
  }
}

}  // namespace

std::string escape_html(std::string_view text, bool quotes) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const std::string_view replacement = entity(c, quotes);
    if (replacement.empty()) {
      out.push_back(c);
    } else {
      out.append(replacement);
    }
  }
  return out;
}

std::string escape_json(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const char c = text.front();
    const std::size_t size = utf8_sequence(text);
    if (size == 0) {
      out.append("\xef\xbf\xbd");
    } else if (c == '"' || c == '\\') {
      out.append({'\\', c});
    } else if (to_byte(c) < 0x20 || c == '\x7f') {
      append_hex(out, "\\u00", c, "0123456789abcdef");
    } else {
      out.append(text.substr(0, size));
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = utf8_sequence(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
                        hex_value(text[i + 2]) >= 0;
    if (escape) {
      out.push_back(static_cast<char>(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string percent_encode_path(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  append_percent_encoded(out, text, kPathPlain);
  return out;
}

void append_percent_encoded(std::string& out, std::string_view text, const ByteSet& plain) {
  for (const char c : text) {
    if (plain.contains(c)) {
      out.push_back(c);
    } else {
      append_hex(out, "%", c, "0123456789ABCDEF");
    }
  }
}

std::string escape_log(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (kControl.contains(c)) {
      append_hex_escape(out, c);
    } else {
      if (c == '\\') out.push_back('\\');
      out.push_back(c);
    }
  }
  return out;
}

std::string repr(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const bool has_double = text.find('"') != std::string_view::npos;
  const char quote = has_single && !has_double ? '"' : '\'';
  std::string out(1, quote);
  out.reserve(text.size() + 2);
  for (const char c : text) {
    if (c == quote || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\t') {
      out.append("\\t");
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == '\r') {
      out.append("\\r");
    } else if (to_byte(c) < 0x20 || to_byte(c) > 0x7e) {
      append_hex_escape(out, c);
    } else {
      out.push_back(c);
    }
  }
  out.push_back(quote);
  return out;
}

}  // namespace socketserver::http
