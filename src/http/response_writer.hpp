#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <socketserver/http/exchange.hpp>

#include "http/output_buffer.hpp"

namespace socketserver::http {

/// Frames one response on an HTTP/1 connection (RFC 9112 §6).
///
/// A body without a Content-Length is gathered; when it ends while it still fits the gathering, it
/// gets its length, otherwise it is sent in chunks, or delimited by the end of the connection for
/// clients that know no chunks.
class ResponseWriter final : public ByteSink {
 public:
  /// What the request and the server's protocol version allow.
  struct Rules {
    std::string_view protocol_version = "HTTP/1.1";
    bool http09 = false;        ///< No head at all.
    bool head_request = false;  ///< No body, whatever its length says.
    bool adds_framing = true;   ///< Adds Content-Length, Transfer-Encoding and Connection itself.
    bool chunks = true;         ///< The client understands the chunked coding.
    bool keep_alive = true;     ///< The connection may go on after this response.
    bool client_is_http10 = false;  ///< It must be told that the connection stays open.
  };

  explicit ResponseWriter(OutputBuffer& out) noexcept : out_(&out) {}

  /// Gets ready for the response to the next request.
  void reset(const Rules& rules);

  /// As if the rules forbade that the connection goes on. Before `begin`.
  void close_afterwards() noexcept { keeps_alive_ = false; }

  /// May exchange `head` for an earlier one, whose memory is good for the next.
  void begin(ResponseHead&& head);
  void interim(const ResponseHead& head);
  bool begun() const noexcept { return state_ != State::nothing; }

  /// Takes all of the parts.
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override;
  IoResult send_file_some(int fd, std::uint64_t offset, std::uint64_t count,
                          Deadline deadline) override;

  /// Sends what there is, although its length is not known yet.
  std::error_code flush(Deadline deadline) override;

  int fileno() const noexcept override { return out_->fileno(); }

  /// Ends the response. It may still wait in the output buffer.
  std::error_code end();

  /// Forgets the response as far as it has not left.
  void abandon();

  /// Bytes of memory that it keeps for the next response.
  std::size_t capacity() const noexcept { return gathered_.capacity() + head_.reason.capacity(); }

  /// Whether the response was whole and the connection may go on after it.
  bool keeps_alive() const noexcept { return keeps_alive_; }

  /// Whether the body lacks bytes that its length has announced, although nothing went wrong.
  bool is_short() const noexcept;

  /// The bytes of the body that were sent so far, without the framing of chunks.
  std::uint64_t body_bytes() const noexcept { return body_bytes_; }

 private:
  enum class State {
    nothing,    // no response yet
    gathering,  // the head waits for the length of the body
    streaming,  // the head is out; the body follows as `framing_` says
    ended,
  };
  enum class BodyFraming { none, length, chunked, until_close, by_handler };

  std::error_code write(std::string_view data);
  std::error_code write_framed(std::string_view data);
  std::error_code write_body(std::string_view data);
  std::error_code stream_without_length();
  void send_head(const ResponseHead& head, BodyFraming framing, std::string_view length_line);
  std::string_view connection_line() const noexcept;
  void take_length_of_handler(std::string_view text);

  OutputBuffer* out_;
  Rules rules_;
  State state_ = State::nothing;
  BodyFraming framing_ = BodyFraming::none;
  bool keeps_alive_ = true;
  ResponseHead head_;              // while gathering
  bool names_connection_ = false;  // the head has a Connection field of its own
  std::uint64_t left_ = 0;         // of BodyFraming::length
  std::uint64_t body_bytes_ = 0;
  std::string gathered_;
};

}  // namespace socketserver::http
