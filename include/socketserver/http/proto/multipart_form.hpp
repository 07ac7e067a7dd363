#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/http/proto/headers.hpp>

namespace socketserver::http {

/// Bounds what the framing of a form may cost. Sizes are in bytes and count line ends.
struct MultipartLimits {
  std::size_t head_bytes = 8192;      ///< The head of one part, its blank line included.
  std::size_t head_count = 16;        ///< The lines of one head.
  std::size_t preamble_bytes = 1024;  ///< What comes before the first part.
};

/// What is wrong with a form; `describe` has a status and a text for each.
enum class MultipartFault {
  none,
  preamble_too_long,     ///< 400: no part begins where one should
  bad_delimiter,         ///< 400: a boundary with something else on its line
  head_too_large,        ///< 413
  too_many_head_lines,   ///< 413
  bad_head_line,         ///< 400: folded, no colon, control characters, bare LF
  bad_disposition,       ///< 400: not exactly one `form-data` with exactly one `name`
  bad_content_type,      ///< 400: several, or one that is none
  nested_multipart,      ///< 400: RFC 7578 §4.3 has deprecated it
  unsupported_encoding,  ///< 400: a Content-Transfer-Encoding that changes bytes
};

/// How a fault is answered.
struct MultipartFaultText {
  int status;             ///< 400 or 413.
  std::string_view text;  ///< One sentence for the person who sent the form. Lives for ever.
};
[[nodiscard]] MultipartFaultText describe(MultipartFault fault) noexcept;

/// The head of one part of a form.
struct PartHead {
  std::string name;  ///< Of the form's field, as sent. Bytes: browsers send UTF-8.

  /// The last component of the file's name, see `base_name`; absent when the part is no file, empty
  /// when no file was chosen or its name was none.
  std::optional<std::string> filename;

  std::string content_type;  ///< As sent; empty when there is none, which means text/plain.
  Headers headers;           ///< All lines, those included that say the above.
};

/// Returns the boundary that a `Content-Type` of `multipart/form-data` names; nothing when the
/// field is another type, malformed, or its boundary not 1 to 70 of the characters of RFC 2046.
[[nodiscard]] std::optional<std::string> multipart_boundary(std::string_view content_type);

/// Takes a body of type `multipart/form-data` apart, piece by piece and without copying (RFC 7578,
/// RFC 2046 §5.1.1).
///
/// For the caller: as with ChunkedDecoder, but keep what was not consumed and hand it in again with
/// more behind it: a boundary is seen whole or not at all. What is kept is never more than
/// `head_bytes` or 74 bytes. At the end of the input a status other than `done` means that the form
/// was cut off.
///
/// Strict: lines end in CRLF only, a boundary stands alone on its line, every part has exactly one
/// `Content-Disposition: form-data` with a `name`. A form without any part is one. Of `filename*`
/// (which RFC 7578 forbids and clients send) UTF-8 is understood, and preferred to `filename`. What
/// follows the last boundary is nobody's.
///
/// The size of the parts, and their number, are for the caller to count.
/// Thread safety: none needed; an object serves one body.
class MultipartParser {
 public:
  /// How far the form was read.
  enum class Status {
    need_more,  ///< nothing more can be told from this input
    part,       ///< a part begins: `part()` is its head
    data,       ///< `data` is a piece of its content; there may be more at once
    part_end,   ///< its content has ended
    done,       ///< the form has ended
    failed      ///< see `fault()`
  };

  /// What became of a piece of input.
  struct Result {
    Status status;          ///< How far the form was read.
    std::size_t consumed;   ///< bytes of the input that are dealt with, `data` included
    std::string_view data;  ///< within the input; empty unless `data`
  };

  /// @throws std::invalid_argument for a boundary that `multipart_boundary` would not return.
  explicit MultipartParser(std::string_view boundary, MultipartLimits limits = {});

  /// Looks at `in`: everything that was handed in before and not consumed, and more.
  [[nodiscard]] Result parse(std::string_view in);

  /// Returns the head of the current part. From `part` to the next `part`.
  [[nodiscard]] const PartHead& part() const noexcept { return part_; }

  /// Returns what was wrong. Meaningful when failed.
  [[nodiscard]] MultipartFault fault() const noexcept { return fault_; }

 private:
  enum class State {
    start,          // nothing was seen yet: a boundary needs no line end before it
    preamble,       // skipping up to the first boundary
    delimiter_end,  // behind a boundary
    head,
    content_start,  // behind a head, whose blank line may be a boundary's line end
    content,
    done,
    failed,
  };

  /// Where an input has the delimiter, or may have it once there is more.
  struct Match {
    std::size_t at;  // the end of the input: nowhere
    bool whole;
  };

  [[nodiscard]] Match find_delimiter(std::string_view in) const noexcept;
  [[nodiscard]] Match match_first_line(std::string_view in) const noexcept;
  std::optional<Result> step(std::string_view in);
  std::optional<Result> step_start(std::string_view in);
  std::optional<Result> step_preamble(std::string_view in);
  std::optional<Result> step_delimiter_end(std::string_view in);
  std::optional<Result> step_head(std::string_view in);
  std::optional<Result> step_content(std::string_view in);
  void take_head(std::string_view lines);
  [[nodiscard]] MultipartFault interpret_head();
  Result fail(MultipartFault fault) noexcept;

  std::string delimiter_;  // with the line end in front that belongs to it
  MultipartLimits limits_;
  State state_ = State::start;
  std::size_t consumed_ = 0;  // of the input at hand
  std::size_t scanned_ = 0;   // bytes of a head that have no blank line
  std::size_t preamble_bytes_ = 0;
  PartHead part_;
  MultipartFault fault_ = MultipartFault::none;
};

}  // namespace socketserver::http
