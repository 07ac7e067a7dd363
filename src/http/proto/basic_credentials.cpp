#include <algorithm>
#include <cstdint>
#include <socketserver/http/proto/basic_credentials.hpp>
#include <socketserver/http/proto/headers.hpp>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

constexpr std::uint32_t kBitsOfDigit = 6;

/// 0 to 63; 64 for what is no digit of base64.
std::uint32_t digit_value(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a' + 26);
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0' + 52);
  if (c == '+') return 62;
  return c == '/' ? 63 : 64;
}

bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 == 0 && text.ends_with('=')) {
    text.remove_suffix(text.ends_with("==") ? 2 : 1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  std::uint32_t count = 0;
  for (const char c : text) {
    const std::uint32_t value = digit_value(c);
    if (value > 63) return std::nullopt;
    bits = bits << kBitsOfDigit | value;
    count += kBitsOfDigit;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
    bits &= (1U << count) - 1;
  }
  if (bits != 0) return std::nullopt;
  return bytes;
}

std::optional<BasicCredentials> parse_basic_credentials(std::string_view field) {
  const std::size_t blank = field.find(' ');
  if (blank == field.npos || !iequals(field.substr(0, blank), "Basic")) return std::nullopt;
  const auto text = decode_base64(trim_blanks(field.substr(blank)));
  if (!text || std::ranges::any_of(*text, is_control)) return std::nullopt;
  const std::size_t colon = text->find(':');
  if (colon == text->npos) return std::nullopt;
  return BasicCredentials{.user = text->substr(0, colon), .password = text->substr(colon + 1)};
}

}  // namespace socketserver::http
