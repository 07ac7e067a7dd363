#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/request_parser.hpp>

namespace socketserver::http {

/// How the end of a response's body is found (RFC 9112 §6.3).
enum class ResponseFraming {
  none,        ///< there is no body
  length,      ///< `content_length` bytes
  chunked,     ///< until the last chunk; see ChunkedDecoder
  until_close  ///< all that comes until the server closes
};

/// What a response answers, because that decides whether it has a body.
enum class AnswerTo {
  head,  ///< HEAD: never a body, whatever the fields say
  other  ///< any other method but CONNECT
};

/// Holds a parsed response head: plain data that owns its text. Text is bytes.
struct ParsedResponseHead {
  std::string status_line;  ///< as sent, without its line end
  bool http11 = false;      ///< HTTP/1.1 or a later 1.x; else HTTP/1.0
  int status = 0;           ///< 100 to 999
  std::string reason;       ///< may be empty
  Headers headers;          ///< In the order in which they came.

  ResponseFraming framing = ResponseFraming::none;  ///< How the end of the body is known.
  std::uint64_t content_length = 0;  ///< meaningful for ResponseFraming::length; at most 2^63 - 1
  /// Whether another request may follow on the connection, once the body has been read: version,
  /// `Connection` and framing allow it.
  bool keep_alive = false;

  /// Whether it only announces the response proper, which follows: skip it, `reset` the parser and
  /// go on. 101 is none: what follows it is no longer HTTP.
  [[nodiscard]] bool is_interim() const noexcept {
    return status >= 100 && status < 200 && status != 101;
  }

  /// Makes it empty again and keeps the memory.
  void clear() noexcept;
};

/// Parses the head of an HTTP/1.x response from bytes in memory (RFC 9112 §4, §5, §6).
///
/// For the caller: read into a buffer and hand *all* of it, from the first byte of the response, to
/// `parse` after every read, until it no longer needs more. The work is linear in total, and the
/// result does not depend on how the bytes were cut. After `complete`, drop `consumed()` bytes: the
/// rest is the body. After `failed`, close: where the next response begins is not known. Count the
/// interim responses: nothing here bounds them.
///
/// Strict where responses have been split and smuggled: differing lengths, a length beside a
/// transfer coding, codings other than chunked, folded lines, bare CR and control characters are
/// refused. LF may end a line; the reason may be missing with the blank before it.
///
/// Differs from Python: `http.client` skips lines that are no fields, takes the first of differing
/// lengths and lets a transfer coding win over a length.
///
/// Thread safety: none needed; an object serves one connection.
/// Errors: nothing that the peer sends throws; only memory can run out (std::bad_alloc).
///
///     ResponseParser parser;
///     while (parser.parse(buffer) == ResponseParser::Status::need_more) read_more_into(buffer);
class ResponseParser {
 public:
  /// How far the head was read.
  enum class Status { need_more, complete, failed };

  /// @param limits  `request_line_bytes` bounds the status line here.
  explicit ResponseParser(HeadLimits limits = {}, AnswerTo answer_to = AnswerTo::other) noexcept
      : limits_(limits), answer_to_(answer_to) {}

  /// Looks at `buffered`: every byte since the response's first one, those of earlier calls
  /// included (the memory may have moved). Once complete or failed, says the same until `reset`.
  Status parse(std::string_view buffered);

  /// Returns how many bytes the head took, its line ends included. Meaningful when complete.
  [[nodiscard]] std::size_t consumed() const noexcept { return line_begin_; }

  /// Returns the head; it may be moved from, and is then valid again after `reset`.
  [[nodiscard]] ParsedResponseHead& head() noexcept { return head_; }
  [[nodiscard]] const ParsedResponseHead& head() const noexcept { return head_; }

  /// Returns what is wrong with a head that failed, in words for a message: "a folded header".
  [[nodiscard]] std::string_view error() const noexcept { return error_; }

  /// Gets ready for the next response; keeps the memory of head texts.
  void reset(AnswerTo answer_to = AnswerTo::other) noexcept;

 private:
  enum class Part { status_line, headers, complete, failed };

  // The line is given without its LF; the part or the result may change.
  void take_line(std::string_view line);
  void take_status_line(std::string_view line);
  void finish();

  [[nodiscard]] std::size_t longest_line() const noexcept;
  void refuse_long_line();
  void fail(std::string_view error);

  HeadLimits limits_;
  AnswerTo answer_to_;
  Part part_ = Part::status_line;
  std::size_t line_begin_ = 0;    // of the line now being read
  std::size_t scanned_ = 0;       // bytes of that line that have no LF
  std::size_t header_bytes_ = 0;  // of the complete header lines
  ParsedResponseHead head_;
  std::string_view error_;
};

}  // namespace socketserver::http
