#include <algorithm>
#include <socketserver/http/proto/response_parser.hpp>

#include "http/proto/char_class.hpp"
#include "http/proto/framing_fields.hpp"

namespace socketserver::http {
namespace {

std::string_view describe_field_fault(FieldError error) {
  switch (error) {
    case FieldError::none:
      return "";
    case FieldError::folded:
      return "a folded header";
    case FieldError::no_colon:
      return "a header line without colon";
    case FieldError::bad_name:
      return "a bad header name";
    case FieldError::bad_value:
      return "a bad header value";
  }
  return "";
}

std::string_view describe_framing_fault(Fault framing) {
  switch (framing) {
    case Fault::bad_content_length:
      return "a bad Content-Length";
    case Fault::several_content_lengths:
      return "several Content-Lengths";
    case Fault::length_and_encoding:
      return "a Content-Length beside a Transfer-Encoding";
    case Fault::encoding_needs_http11:
      return "a Transfer-Encoding before HTTP/1.1";
    case Fault::unsupported_encoding:
      return "an unknown Transfer-Encoding";
    default:
      return "";
  }
}

constexpr std::string_view kProtocol = "HTTP/1.";
constexpr std::size_t kVersionSize = kProtocol.size() + 1;
constexpr std::size_t kStatusSize = 3;

}  // namespace

void ParsedResponseHead::clear() noexcept {
  status_line.clear();
  http11 = false;
  status = 0;
  reason.clear();
  headers.clear();
  framing = ResponseFraming::none;
  content_length = 0;
  keep_alive = false;
}

ResponseParser::Status ResponseParser::parse(std::string_view buffered) {
  while (part_ == Part::status_line || part_ == Part::headers) {
    const std::size_t longest = longest_line();
    const std::string_view window = buffered.substr(line_begin_, longest);
    const std::size_t lf = window.find('\n', scanned_);
    if (lf != std::string_view::npos) {
      line_begin_ += lf + 1;
      scanned_ = 0;
      take_line(window.substr(0, lf));
      continue;
    }
    scanned_ = window.size();
    if (window.size() < longest) return Status::need_more;
    refuse_long_line();
  }
  return part_ == Part::complete ? Status::complete : Status::failed;
}

/// Returns how many bytes the current line may have, its line end included. The blank line that
/// ends the head must fit even when the headers have used up everything.
std::size_t ResponseParser::longest_line() const noexcept {
  if (part_ == Part::status_line) return limits_.request_line_bytes;
  return std::max<std::size_t>(limits_.header_bytes - header_bytes_, 2);
}

void ResponseParser::refuse_long_line() {
  fail(part_ == Part::status_line ? "a status line that is too long"
                                  : "headers that are too large");
}

void ResponseParser::take_line(std::string_view line) {
  const std::size_t line_bytes = line.size() + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (part_ == Part::status_line) return take_status_line(line);
  if (line.empty()) return finish();
  if (line_bytes > limits_.header_bytes - header_bytes_) return refuse_long_line();
  if (head_.headers.size() == limits_.header_count) return fail("too many headers");
  header_bytes_ += line_bytes;
  const FieldError error = head_.headers.add_line(line);
  if (error != FieldError::none) fail(describe_field_fault(error));
}

/// RFC 9112 §4: "HTTP/1.1 200 OK".
void ResponseParser::take_status_line(std::string_view line) {
  head_.status_line = line;
  if (!line.starts_with(kProtocol) || line.size() < kVersionSize ||
      !is_digit(line[kVersionSize - 1]))
    return fail("no HTTP/1 status line");
  head_.http11 = line[kVersionSize - 1] != '0';
  line.remove_prefix(kVersionSize);

  const bool has_status = line.size() > kStatusSize && line[0] == ' ' && line[1] != '0' &&
                          std::all_of(&line[1], &line[1] + kStatusSize, is_digit) &&
                          (line.size() == 1 + kStatusSize || line[1 + kStatusSize] == ' ');
  if (!has_status) return fail("no three-digit status");
  for (const char digit : line.substr(1, kStatusSize)) {
    head_.status = head_.status * 10 + (digit - '0');
  }
  line.remove_prefix(std::min(line.size(), 1 + kStatusSize + 1));

  if (!kFieldChars.contains_all(line)) return fail("a bad reason");
  head_.reason = line;
  part_ = Part::headers;
}

void ResponseParser::finish() {
  FramingFields framing;
  bool close = false;
  bool keep_alive = false;
  for (const auto [name, value] : head_.headers) {
    if (framing.note(name, value) || !iequals(name, "Connection")) continue;
    close = close || has_token(value, "close");
    keep_alive = keep_alive || has_token(value, "keep-alive");
  }
  // What cannot be understood is refused even where there is no body: the server is confused.
  if (const Fault fault = framing.fault(head_.http11); fault != Fault::none) {
    return fail(describe_framing_fault(fault));
  }

  const auto length = framing.content_length();
  const bool never_has_body = head_.status < 200 || head_.status == 204;
  if (answer_to_ == AnswerTo::head || never_has_body || head_.status == 304) {
    head_.framing = ResponseFraming::none;
  } else if (framing.chunked()) {
    head_.framing = ResponseFraming::chunked;
  } else if (length) {
    head_.framing = ResponseFraming::length;
    head_.content_length = *length;
  } else {
    head_.framing = ResponseFraming::until_close;
  }
  // RFC 9112 §9.3. Where a body was announced that cannot be there, one may come all the same.
  const bool may_have_body = never_has_body && (framing.chunked() || length.value_or(0) > 0);
  head_.keep_alive = !close && (head_.http11 || keep_alive) && !may_have_body &&
                     head_.framing != ResponseFraming::until_close && head_.status != 101;
  part_ = Part::complete;
}

void ResponseParser::reset(AnswerTo answer_to) noexcept {
  answer_to_ = answer_to;
  part_ = Part::status_line;
  line_begin_ = 0;
  scanned_ = 0;
  header_bytes_ = 0;
  head_.clear();
  error_ = {};
}

void ResponseParser::fail(std::string_view error) {
  part_ = Part::failed;
  error_ = error;
}

}  // namespace socketserver::http
