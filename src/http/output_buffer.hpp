#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/http/proto/text_buffer.hpp>
#include <socketserver/net/stream.hpp>

#include "http/minimum_rate.hpp"
#include "http/proto/append_all.hpp"

namespace socketserver::http {

/// Gathers what goes out on a connection, so that a head and its body, and the answers to pipelined
/// requests, leave in one system call.
///
/// Whoever is about to wait for the client flushes first.
class OutputBuffer {
 public:
  /// @param stream  borrowed.
  /// @param progress_timeout  the longest that the client may take nothing; absent: no limit.
  OutputBuffer(ByteSink& stream, std::optional<Duration> progress_timeout) noexcept
      : stream_(&stream), progress_timeout_(progress_timeout) {}

  OutputBuffer() = default;

  /// Gets ready for another connection; see the constructor. Keeps its memory.
  ///
  /// @param rate  the least at which the client must take what it is sent.
  void attach(ByteSink& stream, std::optional<Duration> progress_timeout,
              MinimumRate rate = {}) noexcept {
    stream_ = &stream;
    progress_timeout_ = progress_timeout;
    rate_ = rate;
    pending_.clear();
    marked_ = 0;
    failure_ = {};
  }

  /// Adds `text`, to leave later.
  void append(std::string_view text) { append_all(text); }

  /// Adds several texts.
  template <class... Pieces>
  void append_all(const Pieces&... pieces) {
    http::append_all(pending_, pieces...);
  }

  /// Adds `data`: small data is kept to leave with more, large data leaves now without a copy.
  std::error_code write(std::string_view data);

  /// Sends everything that was added.
  std::error_code flush() { return pending_.empty() ? failure_ : send_with({}); }

  /// Adds a piece of a file: a small one is copied and kept to leave with more, others leave now
  /// with what was added; see ByteSink::send_file_some.
  IoResult send_file_some(int fd, std::uint64_t offset, std::uint64_t count);

  /// Bytes of memory that it holds.
  std::size_t capacity() const noexcept { return pending_.capacity(); }

  /// The connection's descriptor; −1 when there is none.
  int fileno() const noexcept { return stream_ == nullptr ? -1 : stream_->fileno(); }

  /// Why sending failed, which nothing after it can mend; unset as long as it has not.
  std::error_code failure() const noexcept { return failure_; }

  /// Sets a mark behind what was added so far.
  void mark() noexcept { marked_ = pending_.size(); }

  /// Forgets what was added behind the mark and has not left.
  void drop_behind_mark() { pending_.resize(marked_); }

 private:
  class TimedStream;

  std::error_code send_with(std::string_view data);
  IoResult add_file_some(int fd, std::uint64_t offset, std::size_t count);
  IoResult copy_file_some(int fd, std::uint64_t offset, std::size_t count);

  ByteSink* stream_ = nullptr;
  std::optional<Duration> progress_timeout_;
  MinimumRate rate_;
  TextBuffer pending_;
  std::size_t marked_ = 0;
  std::error_code failure_;
};

}  // namespace socketserver::http
