#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>

#include <socketserver/net/stream.hpp>

namespace socketserver::testing {

/// A stream without a network, that reads a script, records what is written, and fails when told
/// to.
///
/// For tests of code that reads from a ByteSource or writes to a ByteSink: cut the input at every
/// point and fail at every operation, and see that nothing depends on how packets fall.
///
/// ```cpp
/// for (std::size_t n = 1;; ++n) {
///   FaultyStream stream({.input = request, .failing_operation = n});
///   …
///   if (stream.operations() < n) break;  // it got by without the n-th
/// }
/// ```
/// Never blocks and pays no heed to deadlines. At the end of the script is the end of the stream.
///
/// Thread safety: one thread at a time.
class FaultyStream final : public Stream {
 public:
  /// For what the script leaves alone.
  static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

  /// What goes wrong, and when.
  struct Script {
    /// What there is to read.
    std::string input = {};

    /// The most that one read returns, in bytes; at least 1.
    std::size_t read_piece = kNoLimit;

    /// No read goes across this position of the input. 0: every read may.
    std::size_t cut = 0;

    /// The most that one write takes, in bytes; at least 1.
    std::size_t write_piece = kNoLimit;

    /// Which operation, counting reads and writes together from 1, fails; only that one. 0: none.
    std::size_t failing_operation = 0;

    /// How many bytes move, in both directions together, before everything fails.
    std::size_t bytes_before_failure = kNoLimit;

    /// What a failure reports.
    std::error_code failure = std::make_error_code(std::errc::connection_reset);
  };

  /// @param script  is followed from the first byte.
  explicit FaultyStream(Script script);

  /// Everything that was written.
  const std::string& output() const noexcept { return output_; }

  /// What is left to read.
  std::string_view unread() const noexcept {
    return std::string_view(script_.input).substr(position_);
  }

  /// How many reads and writes there were, failed ones included.
  std::size_t operations() const noexcept { return operations_; }

  /// Whether `shutdown_write` was called; writes after it fail with `std::errc::broken_pipe`.
  bool is_write_shut() const noexcept { return write_shut_; }

  IoResult read_some(std::span<char> into, Deadline deadline) override;
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override;
  void shutdown_write() noexcept override { write_shut_ = true; }
  int fileno() const noexcept override { return -1; }

 private:
  bool begin_operation() noexcept;

  Script script_;
  std::string output_;
  std::size_t position_ = 0;  // in script_.input
  std::size_t bytes_moved_ = 0;
  std::size_t operations_ = 0;
  bool write_shut_ = false;
};

}  // namespace socketserver::testing
