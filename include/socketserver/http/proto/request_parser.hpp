#pragma once

#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/headers.hpp>
#include <string>
#include <string_view>

namespace socketserver::http {

/// Bounds what a request head may cost. Sizes are in bytes and count line ends.
struct HeadLimits {
  /// Longest request line; a longer one is 414. Python allows 65536.
  std::size_t request_line_bytes = 8192;
  /// All header lines together, and so also the longest one; more is 431. The blank line that
  /// ends the head does not count.
  std::size_t header_bytes = 65536;
  /// Number of header lines; more is 431.
  std::size_t header_count = 100;
};

/// How the end of a request body is found (RFC 9112 §6.3).
enum class Framing {
  none,    ///< there is no body
  length,  ///< `content_length` bytes
  chunked  ///< until the last chunk; see ChunkedDecoder
};

/// Holds a parsed request head: plain data that owns its text. Text is bytes; whoever needs
/// characters takes them as Latin-1, as Python does.
///
/// After a failed parse the fields known so far are set (for logs, and so that the answer to a
/// HEAD gets no body); the others are empty.
struct RequestHead {
  std::string requestline;  ///< as sent, without its line end
  std::string method;       ///< as sent: case-sensitive, any run of non-blank bytes
  std::string target;       ///< as sent
  /// The target with a leading run of '/' reduced to one, so that it cannot be taken for
  /// `//authority/...`; Python's `path`. Absolute form stays: see target.hpp.
  std::string path;
  /// As sent ("HTTP/1.1", "HTTP/01.10"), or "HTTP/0.9" for a request line of two words.
  /// Empty when the version is not known.
  std::string version;
  std::uint64_t version_major = 0;
  std::uint64_t version_minor = 0;

  Headers headers;  ///< In the order in which they came.

  Framing framing = Framing::none;   ///< How the end of the body is known.
  std::uint64_t content_length = 0;  ///< meaningful for Framing::length; at most 2^63 - 1
  /// Whether the client wants the connection to stay open: its version and `Connection` say so.
  bool keep_alive = false;
  /// Whether the client waits for `100 Continue` before it sends the body; only from HTTP/1.1 on.
  bool expect_continue = false;

  /// Tells whether the request's version is `major_version.minor_version` or newer.
  [[nodiscard]] bool at_least(std::uint64_t major_version,
                              std::uint64_t minor_version) const noexcept {
    return version_major != major_version ? version_major > major_version
                                          : version_minor >= minor_version;
  }

  /// Makes it empty again and keeps the memory.
  void clear() noexcept;
};

/// What is wrong with a request head. Each fault has one status (see ParseError).
enum class Fault {
  none,
  blank_line,               ///< nothing but blanks: close, send nothing
  bad_syntax,               ///< 400: not two or three words, or white space that is no blank
  bad_version,              ///< 400
  unsupported_version,      ///< 505: HTTP/2.0 or newer
  bad_http09_method,        ///< 400: two words, and the first is not GET
  request_line_too_long,    ///< 414
  header_line_too_long,     ///< 431
  headers_too_large,        ///< 431
  too_many_headers,         ///< 431
  folded_header,            ///< 400
  header_without_colon,     ///< 400
  bad_header_name,          ///< 400
  bad_header_value,         ///< 400
  missing_host,             ///< 400: HTTP/1.1 without Host
  several_hosts,            ///< 400
  bad_host,                 ///< 400
  bad_content_length,       ///< 400
  several_content_lengths,  ///< 400: they differ
  length_and_encoding,      ///< 400: Content-Length beside Transfer-Encoding
  encoding_needs_http11,    ///< 400: Transfer-Encoding before HTTP/1.1
  unsupported_encoding,     ///< 501: a Transfer-Encoding other than chunked
};

/// A refused request head, ready to be answered.
struct ParseError {
  Fault fault = Fault::none;  ///< What is wrong, for the log.
  /// 400, 414, 431, 501 or 505; 0 means: close the connection and send nothing.
  int status = 0;
  /// Python's text where it has one: "Bad request syntax ('GET')". Printable ASCII.
  std::string message;
  /// False when the request line itself never became known (414): there is nothing to log.
  bool requestline_known = false;
};

/// Parses the head of an HTTP/0.9, 1.0 or 1.1 request from bytes in memory (RFC 9112 §3, §5, §6).
///
/// For the caller: read into a buffer and hand *all* of it, from the first byte of the request,
/// to `parse` after every read, until it no longer needs more. The parser remembers how far it
/// looked, so the work is linear in total even when every read brings one byte. The result does
/// not depend on how the bytes were cut. After `complete`, drop `consumed()` bytes from the
/// buffer: the rest is the body and later requests. After `failed`, answer `error()` and close:
/// where the next request begins is not known.
///
/// It is strict where requests have been smuggled and lenient only where Python is and nothing is
/// at stake: LF may end a line of the head; one empty line may precede the request line; blanks
/// may be repeated in the request line; several CRs may end it.
///
/// Differs from Python: 1.1 needs exactly one Host; folded lines, lines without colon, blanks
/// before the colon, bare CR and other control characters are 400 instead of being skipped;
/// Transfer-Encoding is understood or refused, never ignored; differing lengths are 400.
///
/// Thread safety: none needed; an object serves one connection.
/// Errors: nothing that the peer sends throws; only memory can run out (std::bad_alloc).
///
///     RequestParser parser;
///     while (parser.parse(buffer) == RequestParser::Status::need_more) read_more_into(buffer);
class RequestParser {
 public:
  /// How far the head was read.
  enum class Status { need_more, complete, failed };

  /// @param limits  beyond which it fails.
  explicit RequestParser(HeadLimits limits = {}) noexcept : limits_(limits) {}

  /// Sets other limits; before the next `reset`.
  void set_limits(HeadLimits limits) noexcept { limits_ = limits; }

  /// Looks at `buffered`: every byte since the request's first one, those of earlier calls
  /// included (the memory may have moved). Once complete or failed, says the same until `reset`.
  Status parse(std::string_view buffered);

  /// Returns how many bytes the head took, its line ends included. Meaningful when complete.
  [[nodiscard]] std::size_t consumed() const noexcept { return line_begin_; }

  /// Tells whether a request has begun, that is, whether a byte other than the skipped empty line
  /// was seen. When false, a peer that goes away or stays silent has asked for nothing.
  [[nodiscard]] bool started() const noexcept { return started_; }

  /// Returns the head; it may be moved from, and is then valid again after `reset`.
  [[nodiscard]] RequestHead& head() noexcept { return head_; }
  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }

  /// Returns what was wrong. Meaningful when failed.
  [[nodiscard]] const ParseError& error() const noexcept { return error_; }

  /// Gets ready for the next request; keeps the memory of head texts.
  void reset() noexcept;

 private:
  enum class Part { request_line, headers, complete, failed };

  // The line is given without its line end; the part or the result may change.
  void take_first_line(std::string_view line);
  void take_field_line(std::string_view line, std::size_t bytes);
  void take_request_line(std::string_view line);
  bool parse_version(std::string_view word);
  void finish();

  [[nodiscard]] std::size_t longest_line() const noexcept;
  void refuse_long_line();
  void fail(Fault fault);
  void fail_quoting(Fault fault, std::string_view culprit);

  HeadLimits limits_;
  Part part_ = Part::request_line;
  bool started_ = false;
  bool skipped_empty_line_ = false;
  std::size_t line_begin_ = 0;    // of the line now being read
  std::size_t scanned_ = 0;       // bytes of that line that have no LF
  std::size_t header_bytes_ = 0;  // of the complete header lines
  RequestHead head_;
  ParseError error_;
};

}  // namespace socketserver::http
