#include "http/proto/framing_fields.hpp"

#include <limits>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

/// RFC 9110 §8.6: digits and nothing else; std::stoull and its like would take signs and blanks.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int64_t>::max();
  if (text.empty()) return std::nullopt;
  std::uint64_t length = 0;
  for (const char c : text) {
    if (!is_digit(c)) return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > (kMax - digit) / 10) return std::nullopt;
    length = length * 10 + digit;
  }
  return length;
}

}  // namespace

bool FramingFields::note(std::string_view name, std::string_view value) {
  if (iequals(name, "Content-Length")) {
    note_content_length(value);
  } else if (iequals(name, "Transfer-Encoding")) {
    ++transfer_encodings_;
    chunked_ = iequals(value, "chunked");
  } else {
    return false;
  }
  return true;
}

/// RFC 9110 §8.6 lets equal values pass, be they in one field or in several.
void FramingFields::note_content_length(std::string_view list) {
  if (list.ends_with(',')) length_fault_ = Fault::bad_content_length;
  do {
    const auto length = parse_length(next_list_member(list));
    if (!length) {
      length_fault_ = Fault::bad_content_length;
    } else if (content_length_ && *content_length_ != *length) {
      length_fault_ = Fault::several_content_lengths;
    } else {
      content_length_ = length;
    }
  } while (!list.empty() && length_fault_ == Fault::none);
}

Fault FramingFields::fault(bool at_least_11) const noexcept {
  if (length_fault_ != Fault::none) return length_fault_;
  if (transfer_encodings_ == 0) return Fault::none;
  if (content_length_) return Fault::length_and_encoding;
  if (!at_least_11) return Fault::encoding_needs_http11;
  if (transfer_encodings_ > 1 || !chunked_) return Fault::unsupported_encoding;
  return Fault::none;
}

}  // namespace socketserver::http
