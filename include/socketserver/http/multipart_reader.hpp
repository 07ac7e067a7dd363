#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <socketserver/http/form_limits.hpp>
#include <socketserver/http/proto/multipart_form.hpp>
#include <socketserver/net/reader.hpp>

namespace socketserver::http {

/// Visits the parts of a form while they arrive: what an upload server writes to files of its own,
/// without keeping more than a piece of them.
///
/// ```cpp
/// auto parts = read_parts();
/// while (const http::PartHead* part = parts.next()) {
///   for (std::string_view piece = parts.read(); !piece.empty(); piece = parts.read()) {…}
/// }
/// ```
/// It is also a ByteSource of the current part, so `Reader lines(parts)` reads that line by line.
///
/// What is wrong with the form is thrown as RequestError, which answers it (400, 413, 415); a body
/// that cannot be read as OSError "read". What came before may have been handled by then: a form is
/// whole only when `next` has returned null.
///
/// Thread safety: one thread at a time.
/// Lifetime: borrows the body; a returned view lives until the next call.
class MultipartReader final : public ByteSource {
 public:
  /// @param body  borrowed, as `rfile()` of a handler.
  /// @param content_type  of the request.
  /// @param limits  of these, `count` and `files`.
  /// @throws RequestError 415 when that is no `multipart/form-data`, 400 when its boundary is
  ///         missing or malformed.
  MultipartReader(Reader& body, std::string_view content_type, const FormLimits& limits = {});

  MultipartReader(const MultipartReader&) = delete;
  MultipartReader& operator=(const MultipartReader&) = delete;

  /// Goes to the next part, skipping what is left of the current one; null behind the last. The
  /// head lives until the next call of `next`.
  const PartHead* next();

  /// The next piece of the current part's content; "" at its end.
  std::string_view read();

  /// The rest of the current part's content.
  ///
  /// @throws RequestError 413 when that is more than `limit` bytes.
  std::string read_all(std::size_t limit);

  /// As `read`. The deadline is not looked at: the body has a limit of its own.
  IoResult read_some(std::span<char> into, Deadline deadline) override;

 private:
  MultipartParser::Result advance();
  void count_part();

  Reader* body_;
  MultipartParser parser_;
  std::size_t parts_left_;
  std::size_t files_left_;
  bool in_part_ = false;
  std::size_t taken_ = 0;  // bytes of the body's buffer that the last view covers
  std::string_view rest_;  // of a piece that read_some could not take whole
};

}  // namespace socketserver::http
