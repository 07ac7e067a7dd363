#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <socketserver/http/proto/chunked.hpp>
#include <socketserver/http/proto/request_parser.hpp>
#include <socketserver/net/reader.hpp>

#include "http/minimum_rate.hpp"
#include "http/output_buffer.hpp"

namespace socketserver::http {

/// The body of a request on an HTTP/1 connection: takes exactly its bytes from the connection and
/// leaves those of the next request alone.
class RequestBody final : public ByteSource {
 public:
  struct Settings {
    std::uint64_t most_bytes;                  ///< Decoded; more is a failure. 0: no limit.
    std::optional<Duration> progress_timeout;  ///< The longest that the client may send nothing.
    MinimumRate rate = {};                     ///< The least at which the client must send.
  };

  RequestBody() = default;

  /// @param in, out  the connection, borrowed. What waits in `out` is sent before waiting for `in`:
  ///                 the client may be waiting for it.
  RequestBody(Reader& in, OutputBuffer& out, Settings settings) noexcept
      : in_(&in), out_(&out), settings_(settings) {}

  /// Gets ready for another connection; see the constructor.
  void attach(Reader& in, OutputBuffer& out, const Settings& settings) noexcept {
    in_ = &in;
    out_ = &out;
    settings_ = settings;
    begin(Framing::none, 0);
  }

  /// Begins the body of the request with this head.
  void begin(const RequestHead& head) noexcept { begin(head.framing, head.content_length); }

  /// As Exchange::request_body says.
  IoResult read_some(std::span<char> into, Deadline deadline) override;
  int fileno() const noexcept override { return in_ == nullptr ? -1 : in_->fileno(); }

  /// Reads and drops what is left, `most` bytes at the most and until `deadline`; true when the
  /// connection now stands at the next request.
  bool skip_rest(std::size_t most, Deadline deadline);

  /// What made reading fail, as the status that answers it (400, 408, 413); 0 when nothing did or
  /// when nobody is there to be answered.
  int failure_status() const noexcept { return failure_status_; }

  /// Whether all of it was read.
  bool at_end() const noexcept { return framing_ == Framing::none; }

 private:
  void begin(Framing framing, std::uint64_t length) noexcept;
  IoResult read_length(std::span<char> into, Deadline deadline);
  IoResult read_chunked(std::span<char> into, Deadline deadline);
  IoResult wait_for_input(Deadline deadline);
  Deadline patience(Deadline deadline) const noexcept;
  IoResult fail(std::errc code, int status) noexcept;

  Reader* in_ = nullptr;
  OutputBuffer* out_ = nullptr;
  Settings settings_{};  // with the rate of the current body
  Framing framing_ = Framing::none;
  std::uint64_t left_ = 0;  // of Framing::length
  std::uint64_t read_ = 0;
  int failure_status_ = 0;
  std::error_code failure_;
  ChunkedDecoder decoder_;
};

}  // namespace socketserver::http
