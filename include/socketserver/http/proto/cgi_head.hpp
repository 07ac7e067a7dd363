#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/request_parser.hpp>

namespace socketserver::http {

/// The head of a CGI script's output (RFC 3875 §6), ready to be sent: plain data.
struct CGIHead {
  int status = 200;            ///< From `Status`; 302 where only `Location` was given.
  bool status_given = false;   ///< The script named the status itself.
  std::string reason;          ///< Behind the status; may be empty.
  std::string local_redirect;  ///< The document of this server to answer with instead (§6.2.2).
  std::optional<std::uint64_t> content_length;  ///< As announced; also among `headers`.

  /// The fields to send. Not among them: `Status`, `X-CGI-…`, and what is the server's business,
  /// which is `Connection` and its like, `Transfer-Encoding`, `Date`, `Server`.
  Headers headers;
};

/// Parses the head of a CGI script's output from bytes in memory.
///
/// Lines end in LF or CRLF. The fields of §6.3 occur once each, and one of them must be there. A
/// first line like `HTTP/1.0 200 OK`, which scripts write that mean to answer by themselves
/// ("NPH"), is read as `Status: 200 OK`, so that framing stays with the server.
///
/// For the caller: call `parse` with everything that has come since the start, until it returns
/// something else than `need_more`. When the output ends before that, it has no head.
/// Thread safety: one thread at a time.
class CGIHeadParser {
 public:
  /// How far the head was read.
  enum class Status { need_more, complete, failed };

  /// @param limits  `header_bytes` and `header_count` are meant.
  explicit CGIHeadParser(HeadLimits limits = {}) noexcept : limits_(limits) {}

  /// Looks at what was not there at the last call; earlier bytes must be the same.
  Status parse(std::string_view buffered);

  /// How long a complete head is, its empty line included: the body is behind it.
  [[nodiscard]] std::size_t consumed() const noexcept { return line_begin_; }

  /// What was read; valid once it is complete.
  [[nodiscard]] const CGIHead& head() const noexcept { return head_; }

  /// What is wrong with a head that failed, in words for a log: "a line without colon".
  [[nodiscard]] std::string_view error() const noexcept { return error_; }

 private:
  void take_line(std::string_view line);
  void take_status_line(std::string_view line);
  void take_field(std::string_view name, std::string_view value);
  void take_status(std::string_view value);
  void take_length(std::string_view value);
  void finish();
  void fail(std::string_view error);

  HeadLimits limits_;
  Status status_ = Status::need_more;
  std::size_t line_begin_ = 0;
  std::size_t scanned_ = 0;  // of the current line, without finding its end
  std::size_t fields_ = 0;
  Headers received_;  // the current field alone
  CGIHead head_;
  std::string_view error_;
};

}  // namespace socketserver::http
