#include "http/proto/head_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "http/proto/char_class.hpp"
#include "http/proto/framing_fields.hpp"

namespace socketserver::http {
namespace {

/// What the fields that steer a request say, before it is judged.
struct Steering {
  std::size_t hosts = 0;
  bool bad_host = false;
  bool close = false;
  bool keep_alive = false;
  bool expect_continue = false;
  FramingFields framing;
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
  if (kHostChars.contains_all(text)) return true;  // a name and no port
  std::string_view host = text;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    const std::string_view port = text.substr(colon + 1);
    if (std::all_of(port.begin(), port.end(), is_digit)) host = text.substr(0, colon);
  }
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  return bracketed ? is_address(host.substr(1, host.size() - 2)) : is_name(host);
}

void note_host(std::string_view value, Steering& steering) {
  ++steering.hosts;
  steering.bad_host = !is_host(value);
}

void note_connection(std::string_view value, Steering& steering) {
  steering.close = steering.close || has_token(value, "close");
  steering.keep_alive = steering.keep_alive || has_token(value, "keep-alive");
}

void note_field(std::string_view name, std::string_view value, Steering& steering) {
  constexpr std::string_view kHost = "Host";
  constexpr std::string_view kExpect = "Expect";
  constexpr std::string_view kConnection = "Connection";
  constexpr std::string_view kContentLength = "Content-Length";
  constexpr std::string_view kTransferEncoding = "Transfer-Encoding";
  // Nearly every field that steers nothing differs from these in its length already.
  switch (name.size()) {
    case kHost.size():
      if (iequals(name, kHost)) note_host(value, steering);
      break;
    case kExpect.size():
      if (!iequals(name, kExpect)) break;
      steering.expect_continue = steering.expect_continue || has_token(value, "100-continue");
      break;
    case kConnection.size():
      if (iequals(name, kConnection)) note_connection(value, steering);
      break;
    case kContentLength.size():
    case kTransferEncoding.size():
      steering.framing.note(name, value);
      break;
    default:
      break;
  }
}

Fault check_host(const RequestHead& head, const Steering& steering) {
  if (steering.hosts > 1) return Fault::several_hosts;
  if (steering.hosts == 0 && head.at_least(1, 1)) return Fault::missing_host;
  return steering.bad_host ? Fault::bad_host : Fault::none;
}

}  // namespace

Fault apply_head_rules(RequestHead& head) {
  Steering steering;
  for (const auto [name, value] : head.headers) note_field(name, value, steering);

  if (const Fault fault = check_host(head, steering); fault != Fault::none) return fault;
  const Fault fault = steering.framing.fault(head.at_least(1, 1));
  if (fault != Fault::none) return fault;

  if (steering.framing.chunked()) {
    head.framing = Framing::chunked;
  } else if (const auto length = steering.framing.content_length()) {
    head.framing = Framing::length;
    head.content_length = *length;
  }
  // RFC 9112 §9.3; HTTP/0.9 has no persistent connections at all.
  head.keep_alive =
      head.at_least(1, 0) && !steering.close && (head.at_least(1, 1) || steering.keep_alive);
  head.expect_continue = head.at_least(1, 1) && steering.expect_continue;
  return Fault::none;
}

}  // namespace socketserver::http
