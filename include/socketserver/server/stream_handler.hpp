#pragma once

#include <cstddef>
#include <optional>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/reader.hpp>
#include <socketserver/net/writer.hpp>
#include <socketserver/server/base_handler.hpp>

namespace socketserver {

/// Serves one connection as a file to read from and a file to write to; or one packet, when a
/// datagram server is given it.
///
/// ```cpp
/// struct Echo : StreamRequestHandler {
///   void handle() override {
///     while (auto line = rfile().readline()) wfile().write(*line);
///   }
/// };
/// ```
/// Of a packet `rfile` reads the payload up to its end; what `wfile` is given leaves as one answer
/// with `flush()` or at the end, and none leaves when nothing was written.
///
/// For overriding: `handle`, and the settings below, which are Python's class attributes. An
/// override of `setup` or `finish` must call this class's.
///
/// Differs from Python: serves datagrams too, so that one class runs on every transport.
/// Source: Python `socketserver.StreamRequestHandler`.
class StreamRequestHandler : public BaseRequestHandler {
 public:
  /// What the client sends. From `setup` on.
  ///
  /// @throws std::logic_error before `setup`; so does `wfile`.
  virtual Reader& rfile();

  /// What the client gets; on a connection every write is on its way when it returns unless
  /// `wbufsize` says otherwise.
  virtual Writer& wfile();

  /// The connection, as `request().socket()`. Its `settimeout` does not count for `rfile` and
  /// `wfile`: override `timeout`.
  Socket& connection() { return request().socket(); }

 protected:
  /// Opens `rfile` and `wfile` with the settings below.
  void setup() override;

  /// Flushes `wfile`; a client that is gone by now is no error, an answer that is too large for a
  /// packet is.
  void finish() override;

  /// Bytes that `rfile` asks for at a time.
  virtual std::size_t rbufsize() const { return 8192; }

  /// Bytes that `wfile` gathers before it writes; 0 writes at once. Reading does not flush: with a
  /// buffer call `wfile().flush()` before you wait for an answer.
  virtual std::size_t wbufsize() const { return 0; }

  /// A limit for each read and each write, from its call; then TimeoutError. Default: none, which
  /// lets a silent client hold its worker: give one when clients are not yours.
  virtual std::optional<Duration> timeout() const { return std::nullopt; }

  /// Sends small writes at once instead of gathering them (TCP_NODELAY).
  virtual bool disable_nagle_algorithm() const { return false; }

 private:
  std::optional<Reader> rfile_;
  std::optional<Writer> wfile_;  // once it was asked for: HTTP handlers have another one
  bool finished_ = false;        // it is closed, asked for or not
};

}  // namespace socketserver
