#include <algorithm>
#include <socketserver/http/proto/multipart_form.hpp>
#include <socketserver/http/proto/parameterized.hpp>
#include <stdexcept>
#include <utility>

#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kBlankLine = "\r\n\r\n";

constexpr std::size_t kMaxBoundary = 70;

/// RFC 2046 §5.1.1 bchars.
constexpr ByteSet kBoundaryChars{[](char c) {
  return is_digit(c) || is_alpha(c) ||
         std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}};

bool is_boundary(std::string_view text) noexcept {
  return !text.empty() && text.size() <= kMaxBoundary && text.back() != ' ' &&
         kBoundaryChars.contains_all(text);
}

/// Tells whether `text` and `prefix` agree as far as both go.
bool agree(std::string_view text, std::string_view prefix) noexcept {
  const std::size_t size = std::min(text.size(), prefix.size());
  return text.substr(0, size) == prefix.substr(0, size);
}

/// The encodings that leave bytes as they are; form-data has no use for any (RFC 7578 §4.7).
bool keeps_bytes(std::string_view encoding) noexcept {
  return iequals(encoding, "binary") || iequals(encoding, "8bit") || iequals(encoding, "7bit");
}

}  // namespace

MultipartFaultText describe(MultipartFault fault) noexcept {
  switch (fault) {
    case MultipartFault::none:
      break;
    case MultipartFault::preamble_too_long:
      return {400, "The form does not begin with its boundary"};
    case MultipartFault::bad_delimiter:
      return {400, "A boundary of the form does not stand alone on its line"};
    case MultipartFault::head_too_large:
      return {413, "The headers of a part of the form are too large"};
    case MultipartFault::too_many_head_lines:
      return {413, "A part of the form has too many headers"};
    case MultipartFault::bad_head_line:
      return {400, "A header of a part of the form is malformed"};
    case MultipartFault::bad_disposition:
      return {400, "A part of the form lacks a well-formed Content-Disposition with a name"};
    case MultipartFault::bad_content_type:
      return {400, "A part of the form has a malformed Content-Type"};
    case MultipartFault::nested_multipart:
      return {400, "A part of the form is a multipart itself"};
    case MultipartFault::unsupported_encoding:
      return {400, "A part of the form has an unsupported Content-Transfer-Encoding"};
  }
  return {400, "The form is malformed"};
}

std::optional<std::string> multipart_boundary(std::string_view content_type) {
  const auto type = parse_parameterized(content_type);
  if (!type || type->value != "multipart/form-data") return std::nullopt;
  const auto boundary = type->get("boundary");
  return boundary && is_boundary(*boundary) ? std::optional<std::string>(*boundary) : std::nullopt;
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartLimits limits)
    : delimiter_("\r\n--"), limits_(limits) {
  if (!is_boundary(boundary)) throw std::invalid_argument("no boundary of a multipart body");
  delimiter_ += boundary;
}

MultipartParser::Result MultipartParser::parse(std::string_view in) {
  consumed_ = 0;
  for (;;) {
    if (const auto result = step(in.substr(consumed_))) return *result;
  }
}

std::optional<MultipartParser::Result> MultipartParser::step(std::string_view in) {
  switch (state_) {
    case State::start:
      return step_start(in);
    case State::preamble:
      return step_preamble(in);
    case State::delimiter_end:
      return step_delimiter_end(in);
    case State::head:
      return step_head(in);
    case State::content_start:
    case State::content:
      return step_content(in);
    case State::done:
      return Result{Status::done, consumed_, {}};
    case State::failed:
      break;
  }
  return Result{Status::failed, consumed_, {}};
}

std::optional<MultipartParser::Result> MultipartParser::step_start(std::string_view in) {
  const Match match = match_first_line(in);
  if (match.at == 0 && !match.whole) return Result{Status::need_more, consumed_, {}};
  if (match.whole) consumed_ += delimiter_.size() - kLineEnd.size();
  state_ = match.whole ? State::delimiter_end : State::preamble;
  return std::nullopt;
}

std::optional<MultipartParser::Result> MultipartParser::step_preamble(std::string_view in) {
  const Match match = find_delimiter(in);
  preamble_bytes_ += match.at;
  consumed_ += match.at;
  if (preamble_bytes_ > limits_.preamble_bytes) return fail(MultipartFault::preamble_too_long);
  if (!match.whole) return Result{Status::need_more, consumed_, {}};
  consumed_ += delimiter_.size();
  state_ = State::delimiter_end;
  return std::nullopt;
}

std::optional<MultipartParser::Result> MultipartParser::step_delimiter_end(std::string_view in) {
  constexpr std::string_view kClose = "--";
  if (!agree(in, kLineEnd) && !agree(in, kClose)) return fail(MultipartFault::bad_delimiter);
  if (in.size() < kClose.size()) return Result{Status::need_more, consumed_, {}};
  consumed_ += kClose.size();
  state_ = in.starts_with(kClose) ? State::done : State::head;
  return std::nullopt;
}

std::optional<MultipartParser::Result> MultipartParser::step_head(std::string_view in) {
  // A head of no lines at all is its blank line.
  if (in.starts_with(kLineEnd)) return fail(MultipartFault::bad_disposition);
  const std::size_t end = in.find(kBlankLine, scanned_);
  const bool ended = end != std::string_view::npos;
  const std::size_t size = ended ? end + kBlankLine.size() : in.size();
  if (size > limits_.head_bytes || (!ended && size == limits_.head_bytes)) {
    return fail(MultipartFault::head_too_large);
  }
  if (!ended) {
    scanned_ = size - std::min(size, kBlankLine.size() - 1);
    return Result{Status::need_more, consumed_, {}};
  }
  scanned_ = 0;
  take_head(in.substr(0, end));
  if (fault_ != MultipartFault::none) return fail(fault_);
  consumed_ += size;
  state_ = State::content_start;
  return Result{Status::part, consumed_, {}};
}

std::optional<MultipartParser::Result> MultipartParser::step_content(std::string_view in) {
  std::size_t delimiter_size = delimiter_.size();
  Match match{.at = in.size(), .whole = false};
  if (state_ == State::content_start) {
    match = match_first_line(in);
    if (match.at == 0) delimiter_size -= kLineEnd.size();
  }
  if (match.at > 0 || in.empty()) {
    match = find_delimiter(in);
    delimiter_size = delimiter_.size();
  }
  if (match.at > 0) {
    consumed_ += match.at;
    state_ = State::content;
    return Result{Status::data, consumed_, in.substr(0, match.at)};
  }
  if (!match.whole) return Result{Status::need_more, consumed_, {}};
  consumed_ += delimiter_size;
  state_ = State::delimiter_end;
  return Result{Status::part_end, consumed_, {}};
}

/// Where the delimiter is, or where one that is cut off may begin.
MultipartParser::Match MultipartParser::find_delimiter(std::string_view in) const noexcept {
  if (const std::size_t at = in.find(delimiter_); at != std::string_view::npos) return {at, true};
  // A delimiter has one CR, in front: only the last one can begin it.
  const std::size_t tail = in.size() - std::min(in.size(), delimiter_.size() - 1);
  const std::size_t last = in.rfind('\r');
  const bool may_begin =
      last != std::string_view::npos && last >= tail && delimiter_.starts_with(in.substr(last));
  return {may_begin ? last : in.size(), false};
}

/// Whether the delimiter without its line end is at the front of `in`: at 0 if it is, or may be.
MultipartParser::Match MultipartParser::match_first_line(std::string_view in) const noexcept {
  const std::string_view line = std::string_view(delimiter_).substr(kLineEnd.size());
  if (!agree(in, line)) return {in.size(), false};
  return {0, in.size() >= line.size()};
}

/// Takes the lines of a head, without the end of the last one; sets the fault.
void MultipartParser::take_head(std::string_view lines) {
  part_ = {};
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find(kLineEnd), lines.size());
    if (part_.headers.size() == limits_.head_count) {
      fault_ = MultipartFault::too_many_head_lines;
      return;
    }
    if (part_.headers.add_line(lines.substr(0, end)) != FieldError::none) {
      fault_ = MultipartFault::bad_head_line;
      return;
    }
    lines.remove_prefix(std::min(end + kLineEnd.size(), lines.size()));
  }
  fault_ = interpret_head();
}

MultipartFault MultipartParser::interpret_head() {
  const Headers& headers = part_.headers;
  const auto dispositions = headers.get_all("Content-Disposition");
  if (dispositions.size() != 1) return MultipartFault::bad_disposition;
  const auto disposition = parse_parameterized(dispositions.front());
  if (!disposition || disposition->value != "form-data" || !disposition->get("name")) {
    return MultipartFault::bad_disposition;
  }
  part_.name = *disposition->get("name");
  if (const auto filename = disposition->get("filename")) part_.filename = base_name(*filename);
  if (const auto extended = disposition->get("filename*")) {
    const auto filename = decode_extended_value(*extended);
    if (!filename) return MultipartFault::bad_disposition;
    part_.filename = base_name(*filename);
  }

  const auto types = headers.get_all("Content-Type");
  if (types.size() > 1) return MultipartFault::bad_content_type;
  if (!types.empty()) {
    const auto type = parse_parameterized(types.front());
    if (!type) return MultipartFault::bad_content_type;
    if (type->value.starts_with("multipart/")) return MultipartFault::nested_multipart;
    part_.content_type = types.front();
  }
  for (const std::string_view encoding : headers.get_all("Content-Transfer-Encoding")) {
    if (!keeps_bytes(encoding)) return MultipartFault::unsupported_encoding;
  }
  return MultipartFault::none;
}

MultipartParser::Result MultipartParser::fail(MultipartFault fault) noexcept {
  fault_ = fault;
  state_ = State::failed;
  return {Status::failed, consumed_, {}};
}

}  // namespace socketserver::http
