#pragma once

// What Python's bytes can do and std::string cannot.

#include <algorithm>
#include <string>
#include <string_view>

#include <socketserver/http/proto/text.hpp>

namespace example {

/// `repr(bytes)`: b'caf\xc3\xa9'.
inline std::string bytes_repr(std::string_view bytes) {
  return 'b' + socketserver::http::repr(bytes);
}

/// `bytes.strip()`: without ASCII white space at both ends.
inline std::string strip(std::string_view bytes) {
  constexpr std::string_view kSpace = " \t\n\r\v\f";
  const auto first = bytes.find_first_not_of(kSpace);
  if (first == bytes.npos) return {};
  return std::string(bytes.substr(first, bytes.find_last_not_of(kSpace) - first + 1));
}

/// `bytes.upper()`: ASCII letters only, whatever the locale.
inline std::string upper(std::string bytes) {
  std::ranges::transform(bytes, bytes.begin(), [](char c) {
    return 'a' <= c && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return bytes;
}

/// `base64.b64encode(bytes)` (RFC 4648 §4).
inline std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 3))) {
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= bytes.size() ? kDigits[bits >> (18 - 6 * i) & 63] : '=';
    }
  }
  return text;
}

}  // namespace example
