#include "xmlrpc/codec/marshaller.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/utf8.hpp"
#include "xmlrpc/codec/base64.hpp"
#include "xmlrpc/codec/repr.hpp"

namespace socketserver::xmlrpc {
namespace {

/// Bytes that stand for themselves in text.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = true;
  plain['\t'] = plain['\n'] = true;
  plain['&'] = plain['<'] = plain['>'] = false;
  return plain;
}();

std::size_t plain_bytes(std::string_view text) noexcept {
  std::size_t size = 0;
  while (size < text.size() && kPlain[static_cast<unsigned char>(text[size])]) ++size;
  return size;
}

/// How a byte of ASCII that does not stand for itself is written; nothing when XML cannot hold it.
std::string_view escaped(char c) noexcept {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\r':
      return "&#13;";  // a receiver takes a bare one for a line feed (XML 1.0 §2.11)
    default:
      return "";
  }
}

/// U+FFFE and U+FFFF: XML 1.0 §2.2 Char has everything else that UTF-8 holds from U+0080 on.
bool is_noncharacter(std::string_view sequence) noexcept {
  return sequence.starts_with("\xef\xbf") && static_cast<unsigned char>(sequence[2]) >= 0xbe;
}

}  // namespace

void fail_too_long(std::size_t max_bytes) {
  throw Error("more than " + std::to_string(max_bytes) + " bytes are to be written");
}

/// So many bytes at least are to be appended.
void Marshaller::require_room(std::size_t bytes) const {
  if (out_.size() > options_.max_bytes || bytes > options_.max_bytes - out_.size()) {
    fail_too_long(options_.max_bytes);
  }
}

void Marshaller::text(std::string_view text) {
  for (;;) {
    require_room(text.size());
    const std::size_t plain = plain_bytes(text);
    out_.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t size = utf8_sequence(text);
    if (size == 0) throw TypeError("cannot marshal text that is no UTF-8");
    if (size > 1) {
      if (size == 3 && is_noncharacter(text)) throw TypeError("cannot marshal U+FFFE and U+FFFF");
      out_.append(text.substr(0, size));
    } else {
      const std::string_view replacement = escaped(text.front());
      if (replacement.empty()) {
        throw TypeError("cannot marshal the control character " + repr(text.substr(0, 1)));
      }
      out_.append(replacement);
    }
    text.remove_prefix(size);
  }
}

void Marshaller::value(const Value& value) {
  require_room(0);
  std::visit(*this, value.variant());
}

void Marshaller::operator()(Value::Nil) {
  if (!options_.allow_none) throw TypeError("cannot marshal nil unless allow_none is enabled");
  out_ += "<value><nil/></value>";
}

void Marshaller::operator()(bool value) {
  out_ += value ? "<value><boolean>1</boolean></value>\n" : "<value><boolean>0</boolean></value>\n";
}

void Marshaller::operator()(std::int64_t value) {
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof digits, value);
  const std::string_view number(digits, static_cast<std::size_t>(result.ptr - digits));
  if (std::in_range<std::int32_t>(value)) {
    out_.append("<value><int>").append(number).append("</int></value>\n");
  } else if (options_.allow_i8) {
    out_.append("<value><i8>").append(number).append("</i8></value>\n");
  } else {
    throw TypeError("int exceeds XML-RPC limits");
  }
}

void Marshaller::operator()(double value) {
  if (!std::isfinite(value) && !options_.allow_nonfinite) {
    throw TypeError("cannot marshal nan and inf unless allow_nonfinite is enabled");
  }
  out_ += "<value><double>";
  append_double(out_, value);
  out_ += "</double></value>\n";
}

void Marshaller::operator()(const std::string& value) {
  out_ += "<value><string>";
  text(value);
  out_ += "</string></value>\n";
}

void Marshaller::operator()(const Binary& value) {
  require_room(value.data.size());
  out_ += "<value><base64>\n";
  append_base64_lines(out_, value.data);
  out_ += "</base64></value>\n";
}

void Marshaller::operator()(const DateTime& value) {
  out_ += "<value><dateTime.iso8601>";
  text(value.text());
  out_ += "</dateTime.iso8601></value>\n";
}

void Marshaller::operator()(const BigInteger& value) {
  if (!options_.allow_i8) throw TypeError("int exceeds XML-RPC limits");
  out_ += "<value><biginteger>";
  text(value.digits);
  out_ += "</biginteger></value>\n";
}

void Marshaller::operator()(const Decimal& value) {
  if (!options_.allow_i8) throw TypeError("cannot marshal bigdecimal unless allow_i8 is enabled");
  out_ += "<value><bigdecimal>";
  text(value.text);
  out_ += "</bigdecimal></value>\n";
}

void Marshaller::operator()(const Array& values) {
  out_ += "<value><array><data>\n";
  for (const Value& element : values) value(element);
  out_ += "</data></array></value>\n";
}

void Marshaller::operator()(const Struct& members) {
  out_ += "<value><struct>\n";
  for (const auto& [name, member] : members) {
    out_ += "<member>\n<name>";
    text(name);
    out_ += "</name>\n";
    value(member);
    out_ += "</member>\n";
  }
  out_ += "</struct></value>\n";
}

}  // namespace socketserver::xmlrpc
