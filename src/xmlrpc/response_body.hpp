#pragma once

#include <cstdint>
#include <socketserver/http/proto/chunked.hpp>
#include <socketserver/http/proto/response_parser.hpp>
#include <socketserver/net/reader.hpp>
#include <socketserver/net/stream.hpp>

namespace socketserver::xmlrpc {

/// The body of a response, without its transfer coding.
///
/// Reading fails with `std::errc::connection_aborted` when the connection ends before the body, and
/// with `std::errc::bad_message` when its chunks make no sense.
/// Thread safety: one thread at a time. Lifetime: borrows the reader.
class ResponseBody final : public ByteSource {
 public:
  ResponseBody(Reader& reader, const http::ParsedResponseHead& head) noexcept;

  IoResult read_some(std::span<char> into, Deadline deadline) override;

  /// Whether all of it has been read.
  bool finished() const noexcept { return finished_; }

 private:
  IoResult read_chunked(std::span<char> into, Deadline deadline);

  Reader& reader_;
  const http::ResponseFraming framing_;
  std::uint64_t left_;  // of a body with a length
  http::ChunkedDecoder decoder_;
  bool finished_;
};

}  // namespace socketserver::xmlrpc
