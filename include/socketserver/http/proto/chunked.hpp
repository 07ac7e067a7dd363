#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace socketserver::http {

/// Bounds what the framing of a chunked body may cost, in bytes. Over a limit, decoding fails.
struct ChunkedLimits {
  std::size_t extension_bytes = 1024;         ///< of one chunk's extensions
  std::size_t extension_bytes_total = 65536;  ///< of all extensions of a body
  std::size_t trailer_bytes = 8192;           ///< of all trailer lines, their line ends included
};

/// Takes the chunked transfer coding off a request body, piece by piece and without copying
/// (RFC 9112 §7.1).
///
/// For the caller: hand in whatever bytes there are; drop `consumed` of them; use `data`, which is
/// a view into what was handed in. Repeat while the status is `data`; on `need_more` (all input
/// was consumed) read and go on; bytes behind `done` belong to the next request. After `failed`
/// the connection cannot be used any further.
///
/// Strict, because two readers who disagree on where a chunk ends are a request smuggled: sizes
/// are 1 to 16 hexadecimal digits and at most 2^63 - 1, lines end in CRLF only. Extensions are
/// skipped. Trailers must be fields, and are dropped, never merged into the headers.
///
/// The decoded size is not bounded here: whoever reads the body counts what it takes, and may
/// refuse what a chunk announces before it has come (`left_in_chunk`).
///
/// Thread safety: none needed; an object serves one body.
///
///     auto [status, consumed, data] = decoder.decode(buffer);
///     body.append(data);
///     buffer.erase(0, consumed);
///     // status: data - again; need_more - read first; done, failed - stop
class ChunkedDecoder {
 public:
  /// How far the coding was read.
  enum class Status {
    need_more,  ///< everything was consumed and the body goes on
    data,       ///< `data` is a piece of the body; there may be more at once
    done,       ///< the body has ended
    failed      ///< the framing is broken or over a limit
  };

  /// What became of a piece of input.
  struct Result {
    Status status;          ///< How far the coding was read.
    std::size_t consumed;   ///< bytes of the input that are dealt with, `data` included
    std::string_view data;  ///< a piece of the body within the input; empty unless `data`
  };

  /// @param limits  beyond which it fails.
  explicit ChunkedDecoder(ChunkedLimits limits = {}) noexcept : limits_(limits) {}

  /// Decodes from `in` up to the end of the first piece of data, which is at most `max_data`
  /// bytes long (0 only looks whether there is any). How the input is cut does not matter.
  [[nodiscard]] Result decode(
      std::string_view in, std::size_t max_data = std::numeric_limits<std::size_t>::max()) noexcept;

  /// After `data`: how many bytes behind it the chunk has announced, whether they are there or not.
  [[nodiscard]] std::uint64_t left_in_chunk() const noexcept { return size_; }

  /// Gets ready for another body.
  void reset() noexcept { *this = ChunkedDecoder(limits_); }

 private:
  /// What the next byte must be a part of.
  enum class Expect {
    first_digit,
    digit,
    extension_mark,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_begin,
    trailer_name,
    trailer,
    trailer_lf,
    final_lf,
    nothing,
    failed
  };

  /// Returns what is expected behind the framing byte `c`.
  [[nodiscard]] Expect step(char c) noexcept;
  [[nodiscard]] Expect step_size(char c) noexcept;
  [[nodiscard]] Expect count_extension(Expect next) noexcept;
  [[nodiscard]] Expect count_trailer(Expect next) noexcept;

  ChunkedLimits limits_;
  Expect expect_ = Expect::first_digit;
  unsigned digits_ = 0;
  std::uint64_t size_ = 0;  // of the chunk being announced, then what is left of it
  std::size_t extension_bytes_ = 0;
  std::size_t extension_bytes_total_ = 0;
  std::size_t trailer_bytes_ = 0;
};

/// The line that announces a chunk (RFC 9112 §7.1), in a buffer of its own: no allocation.
///
///     const ChunkHeader header = chunk_header(data.size());
///     write(header.view(), data, kChunkEnd);    // for each piece that is not empty
///     write(kLastChunk);                        // at the end
class ChunkHeader {
 public:
  /// Requires: `size` > 0, because a chunk of no bytes ends the body.
  /// @throws std::invalid_argument when `size` is 0.
  explicit ChunkHeader(std::size_t size);

  /// Returns the text, such as "1f4\r\n"; lives as long as this object.
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), length_}; }

 private:
  std::array<char, 2 * sizeof(std::size_t) + 2> text_{};
  std::size_t length_ = 0;
};

/// Returns the line that goes before a chunk of `size` bytes; `kChunkEnd` goes behind them.
[[nodiscard]] inline ChunkHeader chunk_header(std::size_t size) {
  return ChunkHeader(size);
}

/// Goes behind the bytes of each chunk.
inline constexpr std::string_view kChunkEnd = "\r\n";

/// Ends a body, without trailers.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

}  // namespace socketserver::http
