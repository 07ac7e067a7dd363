#include "http/proto/head_rules.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

/// What the fields that steer a request say, before it is judged.
struct Steering {
  std::size_t hosts = 0;
  bool bad_host = false;
  bool close = false;
  bool keep_alive = false;
  bool expect_continue = false;
  std::optional<std::uint64_t> content_length;
  Fault length_fault = Fault::none;
  std::size_t transfer_encodings = 0;
  bool chunked = false;
};

/// RFC 3986 §3.2.2: what names may hold beside percent-encoded bytes.
constexpr ByteSet kHostChars{[](char c) {
  return kUnreserved.contains(c) ||
         std::string_view("!$&'()*+,;=").find(c) != std::string_view::npos;
}};

bool is_name(std::string_view text) {
  if (kHostChars.contains_all(text)) return true;
  while (!text.empty()) {
    const bool escaped = text.size() > 2 && hex_value(text[1]) >= 0 && hex_value(text[2]) >= 0;
    if (!kHostChars.contains(text[0]) && !(text[0] == '%' && escaped)) return false;
    text.remove_prefix(text[0] == '%' ? 3 : 1);
  }
  return true;
}

/// What stands in brackets; not the whole grammar of addresses, but nothing that could end one.
bool is_address(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c == ':' || kHostChars.contains(c); });
}

/// RFC 9110 §7.2: a host and perhaps a port. Two readers must not see different ones.
bool is_host(std::string_view text) {
  std::string_view host = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    if (std::all_of(port.begin(), port.end(), is_digit)) host = text.substr(0, colon);
  }
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  return bracketed ? is_address(host.substr(1, host.size() - 2)) : is_name(host);
}

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

/// RFC 9110 §8.6 lets equal values pass, be they in one field or in several.
void note_content_length(std::string_view list, Steering& steering) {
  if (list.ends_with(',')) steering.length_fault = Fault::bad_content_length;
  do {
    const auto length = parse_length(next_list_member(list));
    if (!length) {
      steering.length_fault = Fault::bad_content_length;
    } else if (steering.content_length && *steering.content_length != *length) {
      steering.length_fault = Fault::several_content_lengths;
    } else {
      steering.content_length = length;
    }
  } while (!list.empty() && steering.length_fault == Fault::none);
}

void note_field(std::string_view name, std::string_view value, Steering& steering) {
  if (iequals(name, "Host")) {
    ++steering.hosts;
    steering.bad_host = !is_host(value);
  } else if (iequals(name, "Connection")) {
    steering.close = steering.close || has_token(value, "close");
    steering.keep_alive = steering.keep_alive || has_token(value, "keep-alive");
  } else if (iequals(name, "Expect")) {
    steering.expect_continue = steering.expect_continue || has_token(value, "100-continue");
  } else if (iequals(name, "Content-Length")) {
    note_content_length(value, steering);
  } else if (iequals(name, "Transfer-Encoding")) {
    ++steering.transfer_encodings;
    steering.chunked = iequals(value, "chunked");
  }
}

Fault check_host(const RequestHead& head, const Steering& steering) {
  if (steering.hosts > 1) return Fault::several_hosts;
  if (steering.hosts == 0 && head.at_least(1, 1)) return Fault::missing_host;
  return steering.bad_host ? Fault::bad_host : Fault::none;
}

/// RFC 9112 §6.3, strictly: whatever two readers could understand differently is refused.
Fault check_framing(const RequestHead& head, const Steering& steering) {
  if (steering.length_fault != Fault::none) return steering.length_fault;
  if (steering.transfer_encodings == 0) return Fault::none;
  if (steering.content_length) return Fault::length_and_encoding;
  if (!head.at_least(1, 1)) return Fault::encoding_needs_http11;
  if (steering.transfer_encodings > 1 || !steering.chunked) return Fault::unsupported_encoding;
  return Fault::none;
}

}  // namespace

Fault apply_head_rules(RequestHead& head) {
  Steering steering;
  for (const auto [name, value] : head.headers) note_field(name, value, steering);

  if (const Fault fault = check_host(head, steering); fault != Fault::none) return fault;
  if (const Fault fault = check_framing(head, steering); fault != Fault::none) return fault;

  if (steering.chunked) {
    head.framing = Framing::chunked;
  } else if (steering.content_length) {
    head.framing = Framing::length;
    head.content_length = *steering.content_length;
  }
  // RFC 9112 §9.3; HTTP/0.9 has no persistent connections at all.
  head.keep_alive =
      head.at_least(1, 0) && !steering.close && (head.at_least(1, 1) || steering.keep_alive);
  head.expect_continue = head.at_least(1, 1) && steering.expect_continue;
  return Fault::none;
}

}  // namespace socketserver::http
