#include <algorithm>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/text.hpp>
#include <stdexcept>

#include "http/proto/append_all.hpp"
#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

constexpr std::string_view kSeparator = ": ";
constexpr std::string_view kFieldEnd = "\r\n";

/// What would end a field or the head.
constexpr ByteSet kBreaks{[](char c) { return c == '\r' || c == '\n' || c == '\0'; }};

bool breaks_fields(std::string_view value) noexcept {
  return !is_plain(value) &&
         std::any_of(value.begin(), value.end(), [](char c) { return kBreaks.contains(c); });
}

void require_sendable(std::string_view name, std::string_view value) {
  if (!is_token(name)) throw std::invalid_argument("header name " + repr(name) + " is no token");
  if (breaks_fields(value)) {
    throw std::invalid_argument("value of header " + std::string(name) + " has CR, LF or NUL");
  }
}

}  // namespace

bool iequals(const char* a, const char* b, std::size_t size) noexcept {
  // Equal names are mostly spelt alike, and unequal ones differ early.
  return std::string_view(a, size) == std::string_view(b, size) ||
         std::equal(a, a + size, b, [](char x, char y) { return to_lower(x) == to_lower(y); });
}

bool is_token(std::string_view text) noexcept {
  return !text.empty() && (is_plain_name(text) || kTokenChars.contains_all(text));
}

bool has_token(std::string_view list, std::string_view token) noexcept {
  while (!list.empty()) {
    if (iequals(next_list_member(list), token)) return true;
  }
  return false;
}

inline void Headers::append(std::string_view name, std::string_view value) {
  const std::size_t begin = text_.size();
  const std::size_t size =
      begin + name.size() + kSeparator.size() + value.size() + kFieldEnd.size();
  lines_.push_back({begin, name.size()});
  if (size > text_.capacity()) return append_and_grow(name, value, size);
  text_.resize(size);
  put(put(put(put(text_.data() + begin, name), kSeparator), value), kFieldEnd);
}

void Headers::add(std::string_view name, std::string_view value) {
  // Nearly all are plain; the exact rules are for the others.
  if (name.empty() || !is_plain_name(name) || !is_plain(value)) require_sendable(name, value);
  append(name, value);
}

void Headers::set(std::string_view name, std::string_view value) {
  require_sendable(name, value);
  const std::string own_name(name);
  const std::string own_value(value);
  remove(own_name);
  append(own_name, own_value);
}

std::size_t Headers::remove(std::string_view name) {
  const std::string wanted(name);  // may be a view of what is about to move
  const std::size_t before = size();
  for (std::size_t i = size(); i-- > 0;) {
    if (!iequals(field(i).name, wanted)) continue;
    const std::size_t bytes = line_end(i) - lines_[i].begin;
    const auto line = text_.begin() + static_cast<std::ptrdiff_t>(lines_[i].begin);
    text_.erase(line, line + static_cast<std::ptrdiff_t>(bytes));
    const auto next = lines_.erase(lines_.begin() + static_cast<std::ptrdiff_t>(i));
    std::for_each(next, lines_.end(), [bytes](Line& later) { later.begin -= bytes; });
  }
  return before - size();
}

void Headers::clear() noexcept {
  text_.clear();
  lines_.clear();
}

FieldError Headers::add_line(std::string_view line) {
  if (!line.empty() && is_blank(line.front())) return FieldError::folded;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return FieldError::no_colon;
  const std::string_view name = line.substr(0, colon);
  if (!is_token(name)) return FieldError::bad_name;
  const std::string_view value = trim_blanks(line.substr(colon + 1));
  if (!is_plain(value) && !kFieldChars.contains_all(value)) return FieldError::bad_value;
  append(name, value);
  return FieldError::none;
}

std::optional<std::string_view> Headers::get(std::string_view name) const noexcept {
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].name_size != name.size()) continue;  // most names differ in that already
    const auto [field_name, value] = field(i);
    if (iequals(field_name, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto [field_name, value] : *this) {
    if (iequals(field_name, name)) values.push_back(value);
  }
  return values;
}

std::string Headers::joined(std::string_view name) const {
  std::string list;
  for (const auto [field_name, value] : *this) {
    if (!iequals(field_name, name)) continue;
    if (!list.empty()) list += ", ";
    list += value;
  }
  return list;
}

bool Headers::contains(std::string_view name) const noexcept {
  return get(name).has_value();
}

bool Headers::has_token(std::string_view name, std::string_view token) const noexcept {
  return std::any_of(begin(), end(), [name, token](Field field) {
    return iequals(field.name, name) && http::has_token(field.value, token);
  });
}

std::string_view Headers::operator[](std::string_view name) const noexcept {
  return get(name).value_or(std::string_view());
}

/// Name and value may be views of the text, which lives until both have been copied.
void Headers::append_and_grow(std::string_view name, std::string_view value, std::size_t size) {
  TextBuffer grown;
  grown.reserve(std::max(size, 2 * text_.capacity()));
  append_all(grown, text(), name, kSeparator, value, kFieldEnd);
  text_.swap(grown);
}

}  // namespace socketserver::http
