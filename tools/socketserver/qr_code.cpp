#include "qr_code.hpp"

#include <stdexcept>

#ifdef SOCKETSERVER_QRENCODE
#include <qrencode.h>

#include <memory>
#endif

namespace socketserver::tool {

#ifdef SOCKETSERVER_QRENCODE

bool has_qr_codes() {
  return true;
}

std::string qr_code(const std::string& text) {
  const std::unique_ptr<QRcode, decltype(&::QRcode_free)> code(
      ::QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_L, QR_MODE_8, 1), ::QRcode_free);
  if (!code) throw std::runtime_error("too long for a QR code: " + text);
  constexpr int kQuietZone = 2;
  const int width = code->width;
  const auto is_dark = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < width && y < width && (code->data[y * width + x] & 1) != 0;
  };
  std::string out;
  // Two rows of the code make one of characters: the upper half has the color of the text, black,
  // and the lower that of its background.
  for (int y = -kQuietZone; y < width + kQuietZone; y += 2) {
    out += "\x1b[30;107m";
    for (int x = -kQuietZone; x < width + kQuietZone; ++x) {
      const bool upper = is_dark(x, y);
      const bool lower = is_dark(x, y + 1);
      if (upper && lower) {
        out += "█";
      } else if (upper) {
        out += "▀";
      } else {
        out += lower ? "▄" : " ";
      }
    }
    out += "\x1b[0m\n";
  }
  return out;
}

#else

bool has_qr_codes() {
  return false;
}

std::string qr_code(const std::string& /*text*/) {
  throw std::runtime_error("built without libqrencode");
}

#endif

}  // namespace socketserver::tool
