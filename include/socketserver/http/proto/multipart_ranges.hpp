#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/http/proto/range.hpp>

namespace socketserver::http {

/// Lays out a `multipart/byteranges` body (RFC 9110 §14.6): for every range `part_head(i)`, then
/// the range's bytes; after the last of them `end()`.
///
/// The bytes themselves are the caller's business; only their number is needed here.
class MultipartRanges {
 public:
  /// @param ranges  of a representation of `size` bytes, as `parse_range` gives them.
  /// @param media_type  of the representation; a part says it when it is not empty.
  /// @param boundary  1 to 70 letters and digits that occur nowhere in the representation: random.
  MultipartRanges(std::vector<ByteRange> ranges, std::uint64_t size, std::string media_type,
                  std::string boundary);

  /// The `Content-Type` of the whole, boundary included.
  [[nodiscard]] std::string content_type() const;

  /// The bytes of the whole body: heads, ranges and end.
  [[nodiscard]] std::uint64_t content_length() const;

  /// In the order in which they are sent.
  [[nodiscard]] std::span<const ByteRange> ranges() const noexcept { return ranges_; }

  /// What goes in front of the bytes of range `index`.
  [[nodiscard]] std::string part_head(std::size_t index) const;

  /// What goes behind the last range.
  [[nodiscard]] std::string end() const;

 private:
  std::vector<ByteRange> ranges_;
  std::uint64_t size_;
  std::string media_type_;
  std::string boundary_;
};

/// What of a representation is sent: all of it, one range, or several.
struct Selection {
  std::optional<ByteRange> range = {};        ///< The only range; 206 without parts.
  std::optional<MultipartRanges> parts = {};  ///< Several ranges; 206 as `multipart/byteranges`.
  bool announced = true;                      ///< Its length is: a client notices when less comes.
};

}  // namespace socketserver::http
