#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/result.hpp>
#include <socketserver/net/stream.hpp>

namespace socketserver {

/// A buffered reader of bytes: the `rfile` of a handler.
///
/// For the caller: `read`, `readline`, iteration … block until they have what was asked for, and
/// throw when the connection fails. For protocol code: `fill`, `buffered`, `consume` return values
/// and copy nothing.
///
/// Thread safety: one thread at a time.
/// Lifetime: borrows the source, which must outlive it. It has a buffer only while there is
/// something in it, so that one that waits for the next message costs none.
/// Source: Python `io.BufferedReader`.
class Reader {
 public:
  /// The longest line that `readline` returns unless told otherwise, in bytes.
  static constexpr std::size_t kLineLimit = std::size_t{64} * 1024;

  /// @param buffer_size  bytes asked for at a time; at least 1.
  explicit Reader(ByteSource& source, std::size_t buffer_size = 8192) noexcept
      : source_(&source), buffer_size_(buffer_size == 0 ? 1 : buffer_size) {}
  Reader(Reader&&) noexcept = default;  ///< Takes over what was read ahead; the other one is done.
  Reader& operator=(Reader&&) noexcept = default;  ///< Takes over what was read ahead.
  ~Reader() {
    if (data_) give_buffer_back();
  }

  /// A limit for every operation for handlers that waits; absent: none.
  void set_timeout(std::optional<Duration> timeout, TimeoutFrom from = TimeoutFrom::call) noexcept;

  // For handlers. All of these throw TimeoutError when the timeout passes and OSError when the
  // connection fails; after a timeout the reader stays unusable, because nobody can tell how much
  // of the message had arrived.

  /// Blocks for exactly `n` bytes; fewer only when the stream ends first.
  std::string read(std::size_t n);

  /// Returns as soon as there is anything: at most `n` bytes, "" at the end of the stream.
  /// Source: Python `read1`.
  std::string read_some(std::size_t n);

  /// Everything up to the end of the stream.
  ///
  /// @throws OSError `std::errc::message_size` when that is more than `limit` bytes.
  std::string read_all(std::size_t limit);

  /// Fills `into`; returns how much of it was filled before the stream ended.
  std::size_t readinto(std::span<char> into);

  /// The next line with its line feed; nothing at the end of the stream.
  ///
  /// A line longer than `limit` bytes comes in pieces of that size; the last line may lack its line
  /// feed, as `!line->ends_with('\n')` tells. A limit of 0 yields "" for ever.
  /// Differs from Python: the end is an absent value instead of an empty one, and there is a
  /// limit unless you name another.
  std::optional<std::string> readline(std::size_t limit = kLineLimit);

  /// What is buffered, waiting for at least one byte; empty at the end of the stream. The view
  /// lives until the next call that is not `const`.
  std::string_view peek();

  /// The connection's descriptor; −1 where the source has none, as a packet.
  int fileno() const noexcept { return source_->fileno(); }

  // For protocol code

  /// The bytes that were read from the source and not consumed. The view lives until the next call
  /// that is not `const`.
  std::string_view buffered() const noexcept { return {data_.get() + begin_, end_ - begin_}; }

  /// Adds at least one byte to what is buffered. `n == 0` without an error: the stream has ended.
  /// Uses `deadline`, not the reader's timeout.
  IoResult fill(Deadline deadline);

  /// As `fill`, but when nothing comes within `patience`: `std::errc::operation_would_block`,
  /// and nothing is lost. See ByteSource::try_read_some.
  IoResult try_fill(Duration patience);

  /// Puts bytes that were read before, by another reader, in front of what is buffered.
  void put_back(std::string_view bytes);

  /// Drops the first `n` buffered bytes. Requires: `n <= buffered().size()`.
  void consume(std::size_t n) noexcept;

  /// Reads without going through the buffer, which must be empty for this to save the copy.
  IoResult read_some(std::span<char> into, Deadline deadline);

  /// Iterates over lines: `for (const std::string& line : rfile)`.
  class Lines;
  Lines begin();
  static std::default_sentinel_t end() noexcept { return {}; }

 private:
  Deadline start_operation() const;
  std::size_t more(Deadline& deadline);
  [[noreturn]] void fail(std::error_code code);
  void make_room();
  void give_buffer_back() noexcept;

  ByteSource* source_;
  std::size_t buffer_size_;
  std::optional<Duration> timeout_;
  TimeoutFrom timeout_from_ = TimeoutFrom::call;
  bool timed_out_ = false;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// An input iterator over the lines of a Reader.
class Reader::Lines {
 public:
  using value_type = std::string;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  /// Reads the first line.
  explicit Lines(Reader& reader) : reader_(&reader), line_(reader.readline()) {}

  const std::string& operator*() const { return *line_; }
  Lines& operator++() {
    line_ = reader_->readline();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const noexcept { return !line_; }

 private:
  Reader* reader_;
  std::optional<std::string> line_;
};

inline Reader::Lines Reader::begin() {
  return Lines(*this);
}

}  // namespace socketserver
