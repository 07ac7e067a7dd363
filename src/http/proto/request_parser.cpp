#include <algorithm>
#include <socketserver/http/proto/request_parser.hpp>
#include <socketserver/http/proto/text.hpp>

#include "http/proto/char_class.hpp"
#include "http/proto/head_rules.hpp"

namespace socketserver::http {
namespace {

struct FaultText {
  int status;
  std::string_view message;
};

FaultText describe(Fault fault) {
  switch (fault) {
    case Fault::none:
    case Fault::blank_line:
      return {0, ""};
    case Fault::bad_syntax:
      return {400, "Bad request syntax"};
    case Fault::bad_version:
      return {400, "Bad request version"};
    case Fault::unsupported_version:
      return {505, "Invalid HTTP version"};
    case Fault::bad_http09_method:
      return {400, "Bad HTTP/0.9 request type"};
    case Fault::request_line_too_long:
      return {414, "URI Too Long"};
    case Fault::header_line_too_long:
      return {431, "Line too long"};
    case Fault::headers_too_large:
      return {431, "Headers too large"};
    case Fault::too_many_headers:
      return {431, "Too many headers"};
    case Fault::folded_header:
      return {400, "Folded header line"};
    case Fault::header_without_colon:
      return {400, "Header line without colon"};
    case Fault::bad_header_name:
      return {400, "Bad header name"};
    case Fault::bad_header_value:
      return {400, "Bad header value"};
    case Fault::missing_host:
      return {400, "Missing Host header"};
    case Fault::several_hosts:
      return {400, "Several Host headers"};
    case Fault::bad_host:
      return {400, "Bad Host header"};
    case Fault::bad_content_length:
      return {400, "Bad Content-Length"};
    case Fault::several_content_lengths:
      return {400, "Several Content-Lengths"};
    case Fault::length_and_encoding:
      return {400, "Content-Length beside Transfer-Encoding"};
    case Fault::encoding_needs_http11:
      return {400, "Transfer-Encoding before HTTP/1.1"};
    case Fault::unsupported_encoding:
      return {501, "Unsupported Transfer-Encoding"};
  }
  return {0, ""};
}

Fault fault_of(FieldError error) {
  switch (error) {
    case FieldError::none:
      return Fault::none;
    case FieldError::folded:
      return Fault::folded_header;
    case FieldError::no_colon:
      return Fault::header_without_colon;
    case FieldError::bad_name:
      return Fault::bad_header_name;
    case FieldError::bad_value:
      return Fault::bad_header_value;
  }
  return Fault::none;
}

/// The ASCII characters, blanks excepted, at which Python would split a request line.
constexpr ByteSet kForeignSpace{
    [](char c) { return (c >= '\v' && c <= '\r') || (c >= '\x1c' && c <= '\x1f'); }};

/// Tells whether another reader could see more words in `line` than we do. NEL and NBSP count
/// when they stand alone; behind another byte above 0x7f they are a piece of a UTF-8 character.
bool has_foreign_space(std::string_view line) {
  char previous = '\0';
  for (const char c : line) {
    if (kForeignSpace.contains(c)) return true;
    if ((c == '\x85' || c == '\xa0') && to_byte(previous) < 0x80) return true;
    previous = c;
  }
  return false;
}

/// The words of a request line; those between the second and the last are only counted.
struct Words {
  std::string_view first;
  std::string_view second;
  std::string_view last;
  std::size_t count = 0;
};

/// As `split_words` for what nearly everybody sends: a method, a target and a version 1.x with one
/// space between two. Finds no words in any other line.
Words split_usual_line(std::string_view line) {
  constexpr std::string_view kBeforeDigit = " HTTP/1.";
  if (line.size() <= kBeforeDigit.size() || line.back() == ' ') return {};
  std::string_view request = line;
  request.remove_suffix(kBeforeDigit.size() + 1);
  std::string_view version = line;
  version.remove_prefix(request.size());
  if (!version.starts_with(kBeforeDigit)) return {};
  version.remove_prefix(1);

  const std::size_t space = request.find(' ');
  if (space == std::string_view::npos || space == 0 || space + 1 == request.size()) return {};
  std::string_view target = request;
  target.remove_prefix(space + 1);
  if (target.find(' ') != std::string_view::npos) return {};
  return {{request.data(), space}, target, version, 3};
}

Words split_words(std::string_view line) {
  Words words;
  const char* const end = line.data() + line.size();
  for (const char* at = line.data();;) {
    at = std::find_if_not(at, end, is_blank);
    if (at == end) return words;
    const char* const begin = at;
    at = std::find_if(at, end, is_blank);
    words.last = {begin, static_cast<std::size_t>(at - begin)};
    ++words.count;
    if (words.count == 1) words.first = words.last;
    if (words.count == 2) words.second = words.last;
  }
}

/// Reads one number of a version. Ten digits are Python's limit.
bool parse_version_number(std::string_view digits, std::uint64_t& number) {
  if (digits.empty() || digits.size() > 10 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return false;
  number = 0;
  for (const char c : digits) number = number * 10 + static_cast<std::uint64_t>(c - '0');
  return true;
}

constexpr std::string_view kVersionPrefix = "HTTP/";

/// Sets a text that `reset` has emptied, which costs half of replacing one.
void set(std::string& text, std::string_view value) {
  text.append(value);
}

}  // namespace

void RequestHead::clear() noexcept {
  requestline.clear();
  method.clear();
  target.clear();
  path.clear();
  version.clear();
  version_major = 0;
  version_minor = 0;
  headers.clear();
  framing = Framing::none;
  content_length = 0;
  keep_alive = false;
  expect_continue = false;
}

RequestParser::Status RequestParser::parse(std::string_view buffered) {
  while (part_ == Part::request_line || part_ == Part::headers) {
    const std::size_t longest = longest_line();
    const std::string_view window = buffered.substr(line_begin_, longest);
    const std::size_t lf = window.find('\n', scanned_);
    if (lf != std::string_view::npos) {
      line_begin_ += lf + 1;
      scanned_ = 0;
      std::string_view line = window.substr(0, lf);
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (part_ == Part::headers) {
        take_field_line(line, lf + 1);
      } else {
        take_first_line(line);
      }
      continue;
    }
    started_ = started_ || window.find_first_not_of('\r', scanned_) != std::string_view::npos;
    scanned_ = window.size();
    if (window.size() < longest) return Status::need_more;
    refuse_long_line();
  }
  return part_ == Part::complete ? Status::complete : Status::failed;
}

/// Returns how many bytes the current line may have, its line end included. The blank line that
/// ends the head must fit even when the headers have used up everything.
std::size_t RequestParser::longest_line() const noexcept {
  if (part_ == Part::request_line) return limits_.request_line_bytes;
  return std::max<std::size_t>(limits_.header_bytes - header_bytes_, 2);
}

void RequestParser::refuse_long_line() {
  if (part_ == Part::request_line) return fail(Fault::request_line_too_long);
  fail(header_bytes_ == 0 ? Fault::header_line_too_long : Fault::headers_too_large);
}

/// Takes the request line, or the empty one that may precede it (RFC 9112 §2.2).
void RequestParser::take_first_line(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  if (!line.empty() || skipped_empty_line_) return take_request_line(line);
  skipped_empty_line_ = true;
}

void RequestParser::take_field_line(std::string_view line, std::size_t bytes) {
  if (line.empty()) return finish();
  if (bytes > limits_.header_bytes - header_bytes_) return refuse_long_line();
  if (head_.headers.size() == limits_.header_count) return fail(Fault::too_many_headers);
  header_bytes_ += bytes;
  const FieldError error = head_.headers.add_line(line);
  if (error != FieldError::none) fail(fault_of(error));
}

void RequestParser::take_request_line(std::string_view line) {
  started_ = true;
  set(head_.requestline, line);
  error_.requestline_known = true;
  const bool plain = is_plain(line);
  if (!plain && has_foreign_space(line)) return fail_quoting(Fault::bad_syntax, line);

  Words words = plain ? split_usual_line(line) : Words();
  if (words.count == 0) words = split_words(line);
  if (words.count == 0) return fail(Fault::blank_line);
  if (words.count == 1) return fail_quoting(Fault::bad_syntax, line);
  set(head_.method, words.first);
  set(head_.target, words.second);
  std::string_view path = words.second;
  while (path.starts_with("//")) path.remove_prefix(1);
  set(head_.path, path);

  if (words.count == 2) {
    if (words.first != "GET") return fail_quoting(Fault::bad_http09_method, words.first);
    head_.version = "HTTP/0.9";
    head_.version_minor = 9;
    part_ = Part::complete;  // HTTP/0.9 has no headers
    return;
  }
  // As in Python the last word is judged before the number of words: the version then is known
  // even if the line is wrong.
  if (!parse_version(words.last)) return fail_quoting(Fault::bad_version, words.last);
  if (head_.at_least(2, 0)) return fail(Fault::unsupported_version);
  if (words.count > 3) return fail_quoting(Fault::bad_syntax, line);
  part_ = Part::headers;
}

bool RequestParser::parse_version(std::string_view word) {
  constexpr std::string_view kUsual = "HTTP/1.1";
  if (word.size() == kUsual.size() && word.starts_with(kUsual)) {
    set(head_.version, word);
    head_.version_major = 1;
    head_.version_minor = 1;
    return true;
  }
  if (!word.starts_with(kVersionPrefix)) return false;
  const std::string_view numbers = word.substr(kVersionPrefix.size());
  const std::size_t dot = std::min(numbers.find('.'), numbers.size());
  if (!parse_version_number(numbers.substr(0, dot), head_.version_major) || dot == numbers.size() ||
      !parse_version_number(numbers.substr(dot + 1), head_.version_minor)) {
    head_.version_major = 0;
    return false;
  }
  head_.version = word;
  return true;
}

void RequestParser::finish() {
  const Fault fault = apply_head_rules(head_);
  if (fault != Fault::none) return fail(fault);
  part_ = Part::complete;
}

void RequestParser::reset() noexcept {
  if (part_ == Part::request_line && line_begin_ + scanned_ == 0) return;  // nothing was parsed
  part_ = Part::request_line;
  started_ = false;
  skipped_empty_line_ = false;
  line_begin_ = 0;
  scanned_ = 0;
  header_bytes_ = 0;
  head_.clear();
  error_.fault = Fault::none;
  error_.status = 0;
  error_.message.clear();
  error_.requestline_known = false;
}

void RequestParser::fail(Fault fault) {
  const FaultText text = describe(fault);
  part_ = Part::failed;
  error_.fault = fault;
  error_.status = text.status;
  error_.message = text.message;
  if (fault == Fault::unsupported_version) {
    error_.message.append(" (").append(head_.version, kVersionPrefix.size()).append(")");
  }
}

void RequestParser::fail_quoting(Fault fault, std::string_view culprit) {
  fail(fault);
  error_.message.append(" (").append(repr(culprit)).append(")");
}

}  // namespace socketserver::http
