#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/stream.hpp>

namespace socketserver {

/// A writer of bytes: the `wfile` of a handler.
///
/// Unbuffered unless a buffer size is given: every `write` is on its way when it returns, and no
/// write is ever partial.
///
/// Thread safety: one thread at a time.
/// Lifetime: borrows the sink, which must outlive it. What was not flushed is lost with the writer.
/// Source: Python `socketserver._SocketWriter` and `io.BufferedWriter`.
class Writer {
 public:
  /// @param buffer_size  bytes gathered before they are written; 0 writes at once.
  explicit Writer(ByteSink& sink, std::size_t buffer_size = 0)
      : sink_(&sink), buffer_size_(buffer_size) {}
  Writer(const Writer&) = delete;             ///< What one had gathered would leave twice or never.
  Writer& operator=(const Writer&) = delete;  ///< As above.
  Writer(Writer&&) noexcept = default;        ///< Takes over what was gathered.
  Writer& operator=(Writer&&) noexcept = default;  ///< Takes over what was gathered.

  /// A limit for every operation that waits; absent: none.
  void set_timeout(std::optional<Duration> timeout, TimeoutFrom from = TimeoutFrom::call) noexcept;

  /// Writes all of `data` and returns its size. When that fails, what was gathered is dropped:
  /// nobody can tell how much of it arrived, and no byte may arrive twice.
  ///
  /// @throws TimeoutError when the timeout passes; OSError "write", `std::errc::broken_pipe` when
  ///         the peer is gone; std::logic_error after `close`.
  std::size_t write(std::string_view data);

  /// Writes text, or an integer in decimal digits. Each `<<` is a write of its own: give the writer
  /// a buffer (`wbufsize`) to have them leave together.
  Writer& operator<<(std::string_view text) {
    write(text);
    return *this;
  }
  template <std::integral T>
    requires(!std::same_as<T, char> && !std::same_as<T, bool>)
  Writer& operator<<(T number) {
    char digits[24];
    const auto [end, ec] = std::to_chars(digits, digits + sizeof digits, number);
    return *this << std::string_view(digits, end);
  }
  /// A character. No other type turns into one: `wfile << 0.5` does not compile.
  template <std::same_as<char> Char>
  Writer& operator<<(Char c) {
    return *this << std::string_view(&c, 1);
  }

  /// Writes `count` bytes of the file `fd` from `offset` without copying them through the program
  /// where the sink can; returns how many there were, fewer only when the file ends first.
  ///
  /// @throws as `write`.
  std::uint64_t sendfile(int fd, std::uint64_t offset, std::uint64_t count);

  /// Writes what is buffered, here and in the sink.
  ///
  /// @throws as `write`.
  void flush();

  /// Refuses further writes. What was not flushed is dropped: `flush` first, as it may have to wait
  /// and may fail. The connection stays open.
  /// Differs from Python: `io.BufferedWriter.close` flushes.
  void close() noexcept;
  bool closed() const noexcept { return closed_; }

  /// The connection's descriptor; −1 where the sink has none, as the answer to a packet.
  int fileno() const noexcept { return sink_->fileno(); }

 private:
  void write_now(std::span<std::string_view> parts);
  Deadline start_operation() const { return Deadline::after(timeout_); }

  ByteSink* sink_;
  std::size_t buffer_size_;
  std::optional<Duration> timeout_;
  TimeoutFrom timeout_from_ = TimeoutFrom::call;
  bool closed_ = false;
  std::string buffer_;
};

}  // namespace socketserver
