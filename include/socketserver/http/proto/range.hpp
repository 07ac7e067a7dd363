#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace socketserver::http {

/// Bytes `first` to `last` of a representation, both included, counted from 0; never empty.
struct ByteRange {
  std::uint64_t first = 0;  ///< Offset of the first byte.
  std::uint64_t last = 0;   ///< Offset of the last byte, which belongs to the range.

  [[nodiscard]] std::uint64_t size() const noexcept { return last - first + 1; }  ///< In bytes.
  [[nodiscard]] bool operator==(const ByteRange&) const noexcept = default;
};

/// What a `Range` field asks for of a representation of known size.
struct RangeSet {
  /// What the header asks for.
  enum class Kind {
    whole,          ///< No range to speak of: answer 200 with all of it.
    partial,        ///< Answer 206 with `ranges`.
    unsatisfiable,  ///< Nothing of it is there: answer 416.
  };

  Kind kind = Kind::whole;             ///< What the header asks for.
  std::vector<ByteRange> ranges = {};  ///< For `partial`: at least one, in the order asked for.
};

/// How many ranges are sent at most; who asks for more gets the whole.
inline constexpr std::size_t kMaxRanges = 16;

/// Reads a `Range` field (RFC 9110 §14.2) for a representation of `size` bytes.
///
/// `bytes=0-99`, `bytes=100-`, `bytes=-100` and lists of these. Ranges are cut at the end of the
/// representation; those that begin behind it are dropped, and when none is left the set is
/// `unsatisfiable`. Ranges that overlap or touch become one, at the place of the first of them, so
/// the ranges of the result are disjoint and never more bytes than the representation.
///
/// The field is ignored, as the RFC allows or demands, and the set `whole`: when its unit is not
/// bytes, when its syntax is wrong, when a range ends before it begins, when more than `kMaxRanges`
/// are left, and when the end of an empty representation is asked for. Numbers beyond 64 bits are
/// the largest there is. Time is n log n of the field's size, memory linear.
[[nodiscard]] RangeSet parse_range(std::string_view field, std::uint64_t size);

/// Returns the `Content-Range` of a part (RFC 9110 §14.4): "bytes 0-99/1234".
[[nodiscard]] std::string content_range(ByteRange range, std::uint64_t size);

/// Returns the `Content-Range` of a 416 answer: "bytes */1234".
[[nodiscard]] std::string unsatisfied_range(std::uint64_t size);

}  // namespace socketserver::http
