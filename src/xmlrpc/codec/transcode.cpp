#include <iconv.h>

#include <cerrno>
#include <stdexcept>

#include "base/utf8.hpp"
#include "xmlrpc/codec/ascii.hpp"
#include "xmlrpc/codec/encoding_name.hpp"
#include "xmlrpc/codec/marshaller.hpp"

namespace socketserver::xmlrpc {
namespace {

std::string reference(std::string_view sequence) {
  return "&#" + std::to_string(static_cast<std::uint32_t>(utf8_decode(sequence))) + ";";
}

/// Writes ASCII or Latin-1, whose characters are the first ones of Unicode.
std::string to_first(std::string_view text, char32_t characters) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::string_view sequence = text.substr(0, utf8_sequence(text));
    const char32_t code = utf8_decode(sequence);
    if (code < characters) {
      out.push_back(static_cast<char>(code));
    } else {
      out += reference(sequence);
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

/// A conversion from UTF-8 to an encoding.
class Conversion {
 public:
  explicit Conversion(const std::string& encoding)
      : handle_(::iconv_open(encoding.c_str(), "UTF-8")) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): how iconv_open spells failure
    if (handle_ == reinterpret_cast<iconv_t>(-1)) {
      throw std::invalid_argument("unknown encoding: " + encoding);
    }
  }
  ~Conversion() { ::iconv_close(handle_); }
  Conversion(const Conversion&) = delete;
  Conversion& operator=(const Conversion&) = delete;

  /// Appends what it can of `text`, which it takes off; stops at a character without counterpart.
  void convert(std::string_view& text, std::string& out) {
    char* from = const_cast<char*>(text.data());  // iconv does not write there
    std::size_t left = text.size();
    while (left > 0 && step(&from, &left, out) == E2BIG) continue;
    text.remove_prefix(text.size() - left);
  }

  /// Appends what brings a stateful encoding back to its first state.
  void finish(std::string& out) { step(nullptr, nullptr, out); }

 private:
  /// Returns the error that it stopped for, or 0.
  int step(char** from, std::size_t* left, std::string& out) {
    char buffer[4096];
    char* to = buffer;
    std::size_t room = sizeof buffer;
    const bool failed = ::iconv(handle_, from, left, &to, &room) == static_cast<std::size_t>(-1);
    const int error = failed ? errno : 0;
    out.append(buffer, sizeof buffer - room);
    return error;
  }

  iconv_t handle_;
};

}  // namespace

bool names_utf8(std::string_view encoding) noexcept {
  return iequals_ascii(encoding, "utf-8") || iequals_ascii(encoding, "utf8");
}

std::string transcode(std::string_view text, const std::string& encoding) {
  if (!is_encoding_name(encoding)) throw std::invalid_argument("no encoding's name: " + encoding);
  const std::string name(registered_name(encoding));
  if (iequals_ascii(name, "us-ascii")) return to_first(text, 0x80);
  if (iequals_ascii(name, "iso-8859-1")) return to_first(text, 0x100);
  Conversion conversion(name);
  std::string out;
  out.reserve(text.size());
  for (;;) {
    conversion.convert(text, out);
    if (text.empty()) break;
    const std::string_view sequence = text.substr(0, utf8_sequence(text));
    const std::string instead = reference(sequence);
    std::string_view rest = instead;
    conversion.convert(rest, out);
    if (!rest.empty()) throw std::invalid_argument("an encoding without digits: " + encoding);
    text.remove_prefix(sequence.size());
  }
  conversion.finish(out);
  return out;
}

}  // namespace socketserver::xmlrpc
