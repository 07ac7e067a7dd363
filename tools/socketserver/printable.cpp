#include "printable.hpp"

#include <cstddef>

namespace socketserver::tool {
namespace {

void append_escaped(std::string& out, unsigned char code) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out += "\\x";
  out += kDigits[code >> 4];
  out += kDigits[code & 0xf];
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr unsigned char kFirstOfTwo = 0xc2;  // of U+0080 to U+00BF
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte < 0x20 || byte == 0x7f) {
      append_escaped(out, byte);
    } else if (byte == kFirstOfTwo && next >= 0x80 && next < 0xa0) {
      append_escaped(out, next);
      ++i;
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace socketserver::tool
