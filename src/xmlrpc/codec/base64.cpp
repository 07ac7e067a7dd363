#include "xmlrpc/codec/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "xmlrpc/codec/blanks.hpp"

namespace socketserver::xmlrpc {
namespace {

constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::size_t kBytesInLine = 57;
constexpr std::int8_t kForeign = -1;
constexpr std::int8_t kBlank = -2;

constexpr std::array<std::int8_t, 256> kSixBits = [] {
  std::array<std::int8_t, 256> bits{};
  bits.fill(kForeign);
  for (std::size_t i = 0; i < 64; ++i) {
    bits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  }
  for (const char c : {' ', '\t', '\n', '\r'}) bits[static_cast<unsigned char>(c)] = kBlank;
  return bits;
}();

/// Whether what follows the first padding is right after `symbols` characters of the alphabet.
bool good_padding(std::string_view rest, std::size_t symbols) noexcept {
  std::size_t padding = 0;
  for (const char c : rest) {
    if (c == '=') {
      ++padding;
    } else if (!is_blank(c)) {
      return false;
    }
  }
  return (symbols % 4 == 2 && padding == 2) || (symbols % 4 == 3 && padding == 1);
}

}  // namespace

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t at = out.size();
  out.resize(at + (bytes.size() + 2) / 3 * 4);
  char* to = out.data() + at;
  const auto put = [&to](std::uint32_t bits, int symbols) {
    for (int i = 0; i < 4; ++i) *to++ = i < symbols ? kAlphabet[bits >> (18 - 6 * i) & 0x3f] : '=';
  };
  const auto byte = [&bytes](std::size_t i) -> std::uint32_t {
    return static_cast<unsigned char>(bytes[i]);
  };
  while (bytes.size() >= 3) {
    put(byte(0) << 16 | byte(1) << 8 | byte(2), 4);
    bytes.remove_prefix(3);
  }
  if (bytes.size() == 2) put(byte(0) << 16 | byte(1) << 8, 3);
  if (bytes.size() == 1) put(byte(0) << 16, 2);
}

void append_base64_lines(std::string& out, std::string_view bytes) {
  while (!bytes.empty()) {
    append_base64(out, bytes.substr(0, kBytesInLine));
    out += '\n';
    bytes.remove_prefix(std::min(bytes.size(), kBytesInLine));
  }
}

bool decode_base64(std::string_view text, std::string& bytes) {
  bytes.clear();
  bytes.reserve(text.size() / 4 * 3 + 3);
  std::uint32_t bits = 0;
  std::size_t symbols = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::int8_t six = kSixBits[static_cast<unsigned char>(text[i])];
    if (six == kBlank) continue;
    if (six == kForeign) {
      if (text[i] != '=' || !good_padding(text.substr(i), symbols)) return false;
      bits <<= 6 * (4 - symbols % 4);
      bytes.push_back(static_cast<char>(bits >> 16 & 0xff));
      if (symbols % 4 == 3) bytes.push_back(static_cast<char>(bits >> 8 & 0xff));
      return true;
    }
    bits = bits << 6 | static_cast<std::uint32_t>(six);
    if (++symbols % 4 != 0) continue;
    bytes.push_back(static_cast<char>(bits >> 16 & 0xff));
    bytes.push_back(static_cast<char>(bits >> 8 & 0xff));
    bytes.push_back(static_cast<char>(bits & 0xff));
  }
  return symbols % 4 == 0;
}

}  // namespace socketserver::xmlrpc
