#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <socketserver/xmlrpc/codec/json.hpp>
#include <vector>

#include "base/utf8.hpp"
#include "xmlrpc/codec/ascii.hpp"
#include "xmlrpc/codec/blanks.hpp"
#include "xmlrpc/codec/scalars.hpp"

namespace socketserver::xmlrpc {
namespace {

void append_utf8(std::string& out, unsigned code) {
  const auto put = [&out](unsigned byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

/// Reads a text from left to right. Open arrays and objects are kept on a stack of its own, so that
/// no nesting costs the thread's stack.
class JSONReader {
 public:
  JSONReader(std::string_view text, const LoadLimits& limits) : text_(text), limits_(limits) {}

  JSONResult read() {
    if (text_.size() > limits_.bytes) {
      fail("more than " + std::to_string(limits_.bytes) + " bytes");
    } else if (read_document()) {
      return {.value = std::move(values_.back()), .error = {}};
    }
    return {.value = std::nullopt, .error = std::move(error_)};
  }

 private:
  /// An array or object that has begun.
  struct Frame {
    bool is_object = false;
    std::size_t values = 0;  ///< How many values there were before it.
    std::size_t names = 0;   ///< How many names.
  };

  bool read_document() {
    for (;;) {
      bool opened = false;
      if (!read_value(opened)) return false;
      if (opened) continue;
      while (!frames_.empty()) {
        bool closed = false;
        if (!read_separator(closed)) return false;
        if (!closed) break;
      }
      if (!frames_.empty()) continue;
      skip_blanks();
      return at_ == text_.size() || fail("something behind the value");
    }
  }

  /// Reads a scalar or an empty container, or opens one whose first value is next.
  bool read_value(bool& opened) {
    skip_blanks();
    switch (peek()) {
      case '[':
        return open(false, opened);
      case '{':
        return open(true, opened);
      case '"': {
        std::string text;
        return read_string(text) && push(std::move(text));
      }
      case 't':
        return read_word("true") && push(true);
      case 'f':
        return read_word("false") && push(false);
      case 'n':
        return read_word("null") && push(Value());
      default:
        return read_number();
    }
  }

  bool open(bool is_object, bool& opened) {
    if (frames_.size() == limits_.depth) {
      return fail("more than " + std::to_string(limits_.depth) +
                  " arrays and objects in one another");
    }
    ++at_;
    frames_.push_back({is_object, values_.size(), names_.size()});
    skip_blanks();
    if (peek() == (is_object ? '}' : ']')) return close();
    opened = true;
    return !is_object || read_name();
  }

  /// Behind a value: a comma, and an object's next name, or the end of what is open.
  bool read_separator(bool& closed) {
    skip_blanks();
    const bool is_object = frames_.back().is_object;
    if (peek() == ',') {
      ++at_;
      return !is_object || read_name();
    }
    closed = peek() == (is_object ? '}' : ']');
    return closed ? close() : fail(is_object ? "expected ',' or '}'" : "expected ',' or ']'");
  }

  bool close() {
    ++at_;
    const Frame frame = frames_.back();
    frames_.pop_back();
    const auto first = values_.begin() + static_cast<std::ptrdiff_t>(frame.values);
    Value value;
    if (frame.is_object) {
      std::vector<Struct::Member> members;
      members.reserve(values_.size() - frame.values);
      for (std::size_t i = frame.values, k = frame.names; i < values_.size(); ++i, ++k) {
        members.emplace_back(std::move(names_[k]), std::move(values_[i]));
      }
      value = Struct::from_members(std::move(members));
    } else {
      value = Array(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
    }
    values_.erase(first, values_.end());
    names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(frame.names), names_.end());
    return push(std::move(value));
  }

  bool read_name() {
    skip_blanks();
    std::string name;
    if (peek() != '"') return fail("expected a name in quotes");
    if (!read_string(name)) return false;
    names_.push_back(std::move(name));
    skip_blanks();
    if (peek() != ':') return fail("expected ':'");
    ++at_;
    return true;
  }

  bool read_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return fail("expected a value");
    at_ += word.size();
    return true;
  }

  bool read_string(std::string& out) {
    ++at_;
    for (;;) {
      const std::size_t plain = at_;
      while (at_ < text_.size() && is_plain(text_[at_])) ++at_;
      out.append(text_.substr(plain, at_ - plain));
      if (at_ == text_.size()) return fail("a string without end");
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return true;
      }
      if (c == '\\') {
        if (!read_escape(out)) return false;
        continue;
      }
      const std::size_t size = utf8_sequence(text_.substr(at_));
      if (size < 2) return fail(size == 0 ? "no UTF-8" : "a control character in a string");
      out.append(text_.substr(at_, size));
      at_ += size;
    }
  }

  static bool is_plain(char c) noexcept {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
  }

  bool read_escape(std::string& out) {
    static constexpr std::string_view kEscapes = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    ++at_;
    if (peek() == 'u') return read_unicode_escape(out);
    const std::size_t which = at_ < text_.size() ? kEscapes.find(text_[at_]) : kEscapes.npos;
    if (which == kEscapes.npos) return fail("no such escape");
    out.push_back(kMeanings[which]);
    ++at_;
    return true;
  }

  /// At the `u`. Surrogates come in pairs (RFC 8259 §7).
  bool read_unicode_escape(std::string& out) {
    unsigned code = 0;
    if (!read_hex(code)) return false;
    if (code >= 0xdc00 && code <= 0xdfff) return fail("half a surrogate pair");
    if (code >= 0xd800 && code <= 0xdbff) {
      unsigned low = 0;
      if (peek() != '\\') return fail("half a surrogate pair");
      ++at_;
      if (peek() != 'u') return fail("half a surrogate pair");
      if (!read_hex(low)) return false;
      if (low < 0xdc00 || low > 0xdfff) return fail("half a surrogate pair");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(out, code);
    return true;
  }

  bool read_hex(unsigned& code) {
    ++at_;
    const std::string_view digits = text_.substr(std::min(at_, text_.size()), 4);
    const char* const end = digits.data() + digits.size();
    const auto result = std::from_chars(digits.data(), end, code, 16);
    if (digits.size() < 4 || result.ptr != end) return fail("expected four hexadecimal digits");
    at_ += 4;
    return true;
  }

  /// RFC 8259 §6: no sign but minus, no zeros in front, digits on both sides of the point.
  bool read_number() {
    const std::size_t begin = at_;
    if (peek() == '-') ++at_;
    if (peek() == '0') {
      ++at_;
    } else if (!take_digits()) {
      at_ = begin;
      return fail("expected a value");
    }
    bool is_whole = true;
    if (peek() == '.') {
      is_whole = false;
      ++at_;
      if (!take_digits()) return fail("expected a digit");
    }
    if (peek() == 'e' || peek() == 'E') {
      is_whole = false;
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!take_digits()) return fail("expected a digit");
    }
    const std::string_view number = text_.substr(begin, at_ - begin);
    return is_whole ? push_whole(number) : push_double(number);
  }

  bool push_whole(std::string_view number) {
    if (number == "-0") return push(-0.0);
    std::optional<Value> value = read_integer(number);
    return value ? push(std::move(*value)) : fail("a number of too many digits");
  }

  bool push_double(std::string_view number) {
    const std::optional<double> value = read_double(number);
    if (!value || std::isinf(*value)) return fail("a number that no double holds");
    return push(*value);
  }

  bool take_digits() noexcept {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ != begin;
  }

  bool push(Value value) {
    if (++count_ > limits_.values) {
      return fail("more than " + std::to_string(limits_.values) + " values");
    }
    values_.push_back(std::move(value));
    return true;
  }

  void skip_blanks() noexcept {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  /// The next byte; NUL at the end, which is nothing that JSON knows.
  [[nodiscard]] char peek() const noexcept { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool fail(std::string why) {
    error_ = std::move(why) + " at byte " + std::to_string(std::min(at_, text_.size()));
    return false;
  }

  std::string_view text_;
  LoadLimits limits_;
  std::size_t at_ = 0;
  std::size_t count_ = 0;
  std::vector<Frame> frames_;
  std::vector<Value> values_;
  std::vector<std::string> names_;
  std::string error_;
};

}  // namespace

JSONResult loads_json(std::string_view text, const LoadLimits& limits) {
  return JSONReader(text, limits).read();
}

}  // namespace socketserver::xmlrpc
