#include <algorithm>
#include <array>
#include <charconv>
#include <socketserver/http/proto/cgi_head.hpp>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

/// Fields that only the server can know, because they are of the connection or of the moment.
constexpr std::array<std::string_view, 9> kServersOwn = {
    "Connection", "Date",    "Keep-Alive",        "Proxy-Connection", "Server",
    "TE",         "Trailer", "Transfer-Encoding", "Upgrade"};

bool is_servers_own(std::string_view name) {
  constexpr std::string_view kExtension = "X-CGI-";  // RFC 3875 §6.3.5
  return iequals(name.substr(0, kExtension.size()), kExtension) ||
         std::ranges::any_of(kServersOwn,
                             [name](std::string_view own) { return iequals(own, name); });
}

}  // namespace

CGIHeadParser::Status CGIHeadParser::parse(std::string_view buffered) {
  while (status_ == Status::need_more) {
    // The empty line that ends the head always fits.
    const std::size_t longest = std::max<std::size_t>(
        limits_.header_bytes - std::min(line_begin_, limits_.header_bytes), 2);
    const std::string_view window = buffered.substr(line_begin_, longest);
    const std::size_t lf = window.find('\n', scanned_);
    if (lf == std::string_view::npos) {
      scanned_ = window.size();
      if (window.size() < longest) break;
      fail("a head that is too large");
      break;
    }
    scanned_ = 0;
    std::string_view line = window.substr(0, lf);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool first = line_begin_ == 0;
    line_begin_ += lf + 1;
    if (first && line.starts_with("HTTP/")) {
      take_status_line(line);
    } else {
      take_line(line);
    }
  }
  return status_;
}

void CGIHeadParser::take_status_line(std::string_view line) {
  constexpr std::string_view kVersion = "HTTP/1.x ";
  const bool known = line.size() > kVersion.size() && line.starts_with("HTTP/1.") &&
                     is_digit(line[7]) && line[8] == ' ';
  if (!known) return fail("a bad status line");
  take_status(trim_blanks(line.substr(kVersion.size())));
}

void CGIHeadParser::take_line(std::string_view line) {
  if (line.empty()) return finish();
  if (fields_++ == limits_.header_count) return fail("too many fields");
  received_.clear();
  switch (received_.add_line(line)) {
    case FieldError::none: {
      const auto [name, value] = *received_.begin();
      return take_field(name, value);
    }
    case FieldError::folded:
      return fail("a folded line");
    case FieldError::no_colon:
      return fail("a line without colon");
    case FieldError::bad_name:
      return fail("a bad field name");
    case FieldError::bad_value:
      return fail("a bad field value");
  }
}

void CGIHeadParser::take_field(std::string_view name, std::string_view value) {
  if (iequals(name, "Status")) return take_status(value);
  if (iequals(name, "Content-Length")) return take_length(value);
  const bool single = iequals(name, "Content-Type") || iequals(name, "Location");
  if (single && head_.headers.contains(name)) return fail("a field that is repeated");
  if (single && value.empty()) return fail("a field without value");
  if (!is_servers_own(name)) head_.headers.add(name, value);
}

/// RFC 3875 §6.3.3. An interim status ends no request, and what is above 599 means nothing.
void CGIHeadParser::take_status(std::string_view value) {
  if (head_.status_given) return fail("a field that is repeated");
  const std::string_view digits = value.substr(0, 3);
  const bool known = digits.size() == 3 && std::all_of(digits.begin(), digits.end(), is_digit) &&
                     digits.front() >= '2' && digits.front() <= '5' &&
                     (value.size() == 3 || is_blank(value[3])) && kFieldChars.contains_all(value);
  if (!known) return fail("a bad status");
  head_.status_given = true;
  head_.status = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
  head_.reason = trim_blanks(value.substr(3));
}

void CGIHeadParser::take_length(std::string_view value) {
  if (head_.content_length) return fail("a field that is repeated");
  std::uint64_t length = 0;
  const auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (ec != std::errc{} || end != value.data() + value.size() || length > INT64_MAX) {
    return fail("a bad Content-Length");
  }
  head_.content_length = length;
  head_.headers.add("Content-Length", value);
}

void CGIHeadParser::finish() {
  const auto location = head_.headers.get("Location");
  if (!head_.status_given && !location && !head_.headers.contains("Content-Type")) {
    return fail("none of Content-Type, Location and Status");
  }
  if (location && !head_.status_given) {
    // Alone it may name a document of ours; with more it is an answer that the client must see.
    if (location->starts_with('/') && fields_ == 1) head_.local_redirect = *location;
    head_.status = 302;
  }
  status_ = Status::complete;
}

void CGIHeadParser::fail(std::string_view error) {
  error_ = error;
  status_ = Status::failed;
}

}  // namespace socketserver::http
