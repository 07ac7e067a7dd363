#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <socketserver/net/reader.hpp>
#include <socketserver/net/writer.hpp>
#include <socketserver/server/base_handler.hpp>

namespace socketserver {

namespace detail {

/// Gathers what is written to it.
class StringSink final : public ByteSink {
 public:
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override;
  const std::string& text() const noexcept { return text_; }

 private:
  std::string text_;
};

}  // namespace detail

/// Serves one packet as a file to read from and a file to write to.
///
/// ```cpp
/// struct Upper : DatagramRequestHandler {
///   void handle() override { wfile() << to_upper(rfile().read_all(8192)); }
/// };
/// ```
/// When `handle` has ended, even by an exception, what `wfile` was given leaves as one packet to
/// the sender, from the address that the sender used. An answer that no packet can hold is an error
/// of the request.
///
/// For overriding: `handle`, `replies_when_empty`. An override of `setup` or `finish` must call
/// this class's.
///
/// Source: Python `socketserver.DatagramRequestHandler`.
class DatagramRequestHandler : public BaseRequestHandler {
 public:
  /// It needs packets: given to a server of connections, it does not compile.
  static constexpr bool kServesStreams = false;

  /// The payload; `truncated()` when it is only the beginning of what was sent.
  const std::string& packet() const { return request().datagram().data; }
  bool truncated() const { return request().datagram().truncated; }

  /// The server's socket, shared by all handlers: use its `sendto` and nothing else.
  Socket& socket() const { return request().socket(); }

  /// The payload as a file. From `setup` on.
  ///
  /// @throws std::logic_error before `setup`; so does `wfile`.
  Reader& rfile();

  /// The answer, gathered in memory.
  Writer& wfile();

 protected:
  /// Opens `rfile` and `wfile`.
  void setup() override;

  /// Sends the answer.
  void finish() override;

  /// Whether an empty packet answers when `wfile` was given nothing.
  virtual bool replies_when_empty() const { return true; }

 private:
  detail::StringSink answer_;
  std::optional<Reader> rfile_;
  std::optional<Writer> wfile_;
};

}  // namespace socketserver
