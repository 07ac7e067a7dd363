#include <cmath>
#include <socketserver/xmlrpc/codec/fault.hpp>
#include <socketserver/xmlrpc/codec/json.hpp>

#include "base/utf8.hpp"
#include "xmlrpc/codec/base64.hpp"
#include "xmlrpc/codec/marshaller.hpp"
#include "xmlrpc/codec/repr.hpp"

namespace socketserver::xmlrpc {
namespace {

/// Writes a value and what is in it, without white space.
class JSONWriter {
 public:
  explicit JSONWriter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  void write(const Value& value) {
    std::visit(*this, value.variant());
    require_room(0);
  }

  void operator()(Value::Nil) { out_ += "null"; }
  void operator()(bool value) { out_ += value ? "true" : "false"; }
  void operator()(std::int64_t value) { out_ += std::to_string(value); }
  void operator()(const std::string& value) { string(value); }
  void operator()(const DateTime& value) { string(value.text()); }
  void operator()(const BigInteger& value) { number(value.digits); }
  void operator()(const Decimal& value) { number(value.text); }

  void operator()(double value) {
    if (!std::isfinite(value)) throw TypeError("JSON has neither nan nor inf");
    append_double(out_, value);
  }

  void operator()(const Binary& value) {
    require_room(value.data.size());
    out_ += '"';
    append_base64(out_, value.data);
    out_ += '"';
  }

  void operator()(const Array& values) {
    out_ += '[';
    for (const Value& value : values) {
      if (&value != values.data()) out_ += ',';
      write(value);
    }
    out_ += ']';
  }

  void operator()(const Struct& members) {
    out_ += '{';
    std::string_view comma;
    for (const auto& [name, value] : members) {
      out_ += comma;
      comma = ",";
      string(name);
      out_ += ':';
      write(value);
    }
    out_ += '}';
  }

  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  void require_room(std::size_t bytes) const {
    if (out_.size() > max_bytes_ || bytes > max_bytes_ - out_.size()) fail_too_long(max_bytes_);
  }

  /// Appends digits that somebody gave us, if JSON takes them for a number.
  void number(const std::string& text) {
    const JSONResult read = loads_json(text);
    const bool is_number = read.value && (read.value->is<std::int64_t>() ||
                                          read.value->is<double>() || read.value->is<BigInteger>());
    if (!is_number) throw TypeError("JSON has no number " + repr(text));
    out_ += text;
  }

  void string(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
      require_room(text.size());
      const std::size_t size = utf8_sequence(text);
      if (size == 0) throw TypeError("JSON has no text that is no UTF-8");
      character(text.substr(0, size));
      text.remove_prefix(size);
    }
    out_ += '"';
  }

  void character(std::string_view sequence) {
    const char c = sequence.front();
    // U+0080 to U+009F are two bytes, of which the second is the number.
    const bool is_c1 = c == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0;
    if (c == '"' || c == '\\') {
      out_ += {'\\', c};
    } else if (c == '\n') {
      out_ += "\\n";
    } else if (is_c1 || c == '\x7f' || static_cast<unsigned char>(c) < 0x20) {
      static constexpr char kDigits[] = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(sequence.back());
      out_ += "\\u00";
      out_ += {kDigits[code >> 4], kDigits[code & 0xf]};
    } else {
      out_ += sequence;
    }
  }

  const std::size_t max_bytes_;
  std::string out_;
};

}  // namespace

std::string dumps_json(const Value& value, std::size_t max_bytes) {
  JSONWriter writer(max_bytes);
  writer.write(value);
  return std::move(writer).take();
}

}  // namespace socketserver::xmlrpc
