#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/result.hpp>

namespace socketserver {

/// From which event a timeout counts.
enum class TimeoutFrom {
  call,      ///< The call of the operation: the whole of it must be done in time (Python).
  progress,  ///< The last byte that moved: a slow peer is fine, a silent one is not.
};

/// Where bytes come from: a socket, a request body, a datagram, a test's script.
///
/// For overriding: implement `read_some`.
/// Thread safety: one thread at a time.
class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// Waits until something can be read and reads at most `into.size()` bytes.
  ///
  /// Returns as soon as it has any byte. `n == 0` without an error is the end of the stream.
  /// `into` must not be empty.
  virtual IoResult read_some(std::span<char> into, Deadline deadline) = 0;

  /// As `read_some`, for whoever can do without: when nothing comes within `patience` there is
  /// `std::errc::operation_would_block`, which is no failure. A source that cannot tell says so at
  /// once.
  virtual IoResult try_read_some(std::span<char> /*into*/, Duration /*patience*/) {
    return {0, std::make_error_code(std::errc::operation_would_block)};
  }

  /// Waits until `read_some` need not wait, so that a flow that waits for long holds no buffer
  /// meanwhile. A source that cannot tell, or that has something to say of its end, returns at
  /// once.
  virtual std::error_code wait_readable(Deadline /*deadline*/) { return {}; }

  /// The descriptor beneath, or −1 when there is none.
  virtual int fileno() const noexcept { return -1; }

 protected:
  ByteSource() = default;
  ByteSource(const ByteSource&) = default;
  ByteSource& operator=(const ByteSource&) = default;
};

/// Where bytes go.
///
/// For overriding: implement `write_some`; `send_file_some` has a copying default.
/// Thread safety: one thread at a time.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  /// Waits until something can be written and writes the parts in order, as much as goes at once.
  /// Never raises SIGPIPE: a peer that went away is `std::errc::broken_pipe`.
  virtual IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) = 0;

  /// As `write_some`, without waiting: `n == 0` without an error means that nothing goes just now.
  /// A sink that cannot tell says so at once.
  virtual IoResult try_write_some(std::span<const std::string_view> /*parts*/) { return {}; }

  /// Writes at most `count` bytes of the file `fd` from `offset`, as much as goes at once; 0
  /// without an error means that the file ends before `offset`. The file's own position does not
  /// move.
  virtual IoResult send_file_some(int fd, std::uint64_t offset, std::uint64_t count,
                                  Deadline deadline);

  /// Sends what the sink holds back, if it holds anything back.
  virtual std::error_code flush(Deadline /*deadline*/) { return {}; }

  /// The descriptor beneath, or −1 when there is none.
  virtual int fileno() const noexcept { return -1; }

 protected:
  ByteSink() = default;
  ByteSink(const ByteSink&) = default;
  ByteSink& operator=(const ByteSink&) = default;
};

/// Writes all the parts, waiting as often as it takes.
///
/// @param parts  consumed: what is left in them when it fails was not written.
/// @param timeout  counted as `from` says; absent: none.
std::error_code write_all(ByteSink& sink, std::span<std::string_view> parts,
                          std::optional<Duration> timeout, TimeoutFrom from);

/// Both directions of a connection, whatever carries them: a plain socket, later a TLS session.
class Stream : public ByteSource, public ByteSink {
 public:
  /// Tells the peer that nothing more will be written (a half-close). A peer that is gone already
  /// is no error.
  virtual void shutdown_write() noexcept = 0;

  /// Says that something is half-done although nothing is left unanswered, as after an interim
  /// answer: the next wait is not idle (see Waiter::wait).
  virtual void mark_busy() noexcept {}

  int fileno() const noexcept override = 0;
};

}  // namespace socketserver
