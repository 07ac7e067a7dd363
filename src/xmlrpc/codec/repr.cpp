#include "xmlrpc/codec/repr.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <socketserver/xmlrpc/codec/value.hpp>

#include "base/utf8.hpp"

namespace socketserver::xmlrpc {
namespace {

/// From here on, and below the fourth decimal place, Python writes an exponent.
constexpr double kLeastWithExponent = 1e16;
constexpr double kLeastWithout = 1e-4;

/// Appends a number of 15 digits at most, of which one to three are decimals; false, and nothing,
/// for others. It costs less than half of what any number needs.
///
/// So many digits and a double stand for each other one to one: what reads as the number has its
/// shortest digits.
bool append_short_double(std::string& out, double number) {
  const double size = std::fabs(number);
  for (std::int64_t unit = 10; unit <= 1000; unit *= 10) {
    const double scaled = size * static_cast<double>(unit);
    if (!(scaled < 1e15)) return false;  // nor is NaN
    const std::int64_t whole = std::llround(scaled);
    if (static_cast<double>(whole) / static_cast<double>(unit) != size) continue;
    char digits[32];
    char* const end = digits + sizeof digits;
    char* const point = std::to_chars(digits, end, whole / unit).ptr;
    const char* const last = std::to_chars(point, end, unit + whole % unit).ptr;
    *point = '.';  // instead of the one that stands before the decimals
    if (std::signbit(number)) out += '-';
    out.append(digits, static_cast<std::size_t>(last - digits));
    return true;
  }
  return false;
}

void append_byte(std::string& out, char c) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out.append({'\\', 'x', kDigits[byte >> 4], kDigits[byte & 0xf]});
}

/// Appends one sequence of `size` bytes, which stands at the front of `text`.
void append_character(std::string& out, std::string_view text, std::size_t size, char quote) {
  const char c = text.front();
  const auto byte = static_cast<unsigned char>(c);
  // C1 controls begin with the byte c2.
  const bool control = byte < 0x20 || byte == 0x7f ||
                       (size == 2 && byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0);
  if (c == quote || c == '\\') {
    out.append({'\\', c});
  } else if (c == '\n') {
    out.append("\\n");
  } else if (c == '\r') {
    out.append("\\r");
  } else if (c == '\t') {
    out.append("\\t");
  } else if (control) {
    append_byte(out, text[size - 1]);
  } else {
    out.append(text.substr(0, size));
  }
}

char quote_for(std::string_view text) {
  const bool single = text.find('\'') != std::string_view::npos;
  return single && text.find('"') == std::string_view::npos ? '"' : '\'';
}

/// Writes a value and what is in it.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void write(const Value& value) { std::visit(*this, value.variant()); }

  void operator()(Value::Nil) { out_ += "None"; }
  void operator()(bool value) { out_ += value ? "True" : "False"; }
  void operator()(std::int64_t value) { out_ += std::to_string(value); }
  void operator()(double value) { append_double(out_, value); }
  void operator()(const std::string& value) { out_ += repr(value); }
  void operator()(const BigInteger& value) { out_ += value.digits; }
  void operator()(const Decimal& value) { out_ += "Decimal(" + repr(value.text) + ")"; }
  void operator()(const DateTime& value) { out_ += "<DateTime " + repr(value.text()) + ">"; }

  void operator()(const Binary& value) {
    const char quote = quote_for(value.data);
    out_ += {'b', quote};
    for (const char c : value.data) {
      if (static_cast<unsigned char>(c) >= 0x80) {
        append_byte(out_, c);
      } else {
        append_character(out_, {&c, 1}, 1, quote);
      }
    }
    out_ += quote;
  }

  void operator()(const Array& values) {
    out_ += '[';
    for (const Value& value : values) {
      if (&value != values.data()) out_ += ", ";
      write(value);
    }
    out_ += ']';
  }

  void operator()(const Struct& members) {
    out_ += '{';
    std::string_view comma;
    for (const auto& [name, value] : members) {
      out_ += comma;
      comma = ", ";
      out_ += repr(name) + ": ";
      write(value);
    }
    out_ += '}';
  }

 private:
  std::string& out_;
};

}  // namespace

std::string repr(std::string_view text) {
  const char quote = quote_for(text);
  std::string out(1, quote);
  while (!text.empty()) {
    std::size_t size = utf8_sequence(text);
    if (size == 0) {
      append_byte(out, text.front());
      size = 1;
    } else {
      append_character(out, text, size, quote);
    }
    text.remove_prefix(size);
  }
  out += quote;
  return out;
}

void append_double(std::string& out, double number) {
  if (append_short_double(out, number)) return;
  if (std::isnan(number)) {
    out += "nan";
    return;
  }
  if (std::isinf(number)) {
    out += number < 0 ? "-inf" : "inf";
    return;
  }
  const double size = std::fabs(number);
  const bool fixed = size >= kLeastWithout && size < kLeastWithExponent;
  char text[32];
  const auto format = fixed ? std::chars_format::fixed : std::chars_format::scientific;
  const std::to_chars_result result = std::to_chars(text, text + sizeof text, number, format);
  const std::string_view digits(text, static_cast<std::size_t>(result.ptr - text));
  out += digits;
  if (fixed && digits.find('.') == std::string_view::npos) out += ".0";
}

std::ostream& operator<<(std::ostream& out, const Value& value) {
  std::string text;
  Writer(text).write(value);
  return out << text;
}

}  // namespace socketserver::xmlrpc
