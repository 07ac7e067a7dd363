#include "http/http1_connection.hpp"

#include <array>
#include <utility>

#include <socketserver/base/error.hpp>

namespace socketserver::http {
namespace {

/// A limit of zero is switched off.
std::optional<Duration> unless_zero(Duration limit) {
  return limit == Duration::zero() ? std::nullopt : std::optional(limit);
}

HeadLimits head_limits(const Limits& limits) {
  return {.request_line_bytes = limits.request_line_bytes,
          .header_bytes = limits.header_bytes,
          .header_count = limits.header_count};
}

}  // namespace

Http1Connection::Http1Connection(Reader& in, Stream& stream, const Limits& limits,
                                 std::optional<Duration> timeout)
    : in_(in),
      stream_(stream),
      limits_(limits),
      timeout_(timeout),
      out_(stream, timeout ? timeout : unless_zero(limits.io_progress_timeout)),
      parser_(head_limits(limits)),
      body_(in, out_,
            {.most_bytes = limits.body_bytes,
             .progress_timeout = timeout ? timeout : unless_zero(limits.io_progress_timeout)}),
      response_(out_) {}

Http1Connection::Next Http1Connection::next() {
  const Duration idle = requests_ == 0 ? limits_.first_byte_timeout : limits_.keep_alive_timeout;
  Deadline deadline = Deadline::after(timeout_ ? timeout_ : unless_zero(idle));
  bool started = false;
  parser_.reset();
  for (;;) {
    switch (parser_.parse(in_.buffered())) {
      case RequestParser::Status::complete:
        in_.consume(parser_.consumed());
        body_.begin(parser_.head());
        ++requests_;
        // Answers to earlier requests must not make this one look answered while its body arrives.
        if (!body_.at_end() && out_.flush()) return Next::closed;
        stream_.mark_busy();
        return Next::request;
      case RequestParser::Status::failed:
        return Next::refused;
      case RequestParser::Status::need_more:
        break;
    }
    if (!started && parser_.started()) {
      started = true;
      deadline = Deadline::after(timeout_ ? timeout_ : unless_zero(limits_.header_timeout));
    }
    if (out_.flush()) return Next::closed;
    if (started) stream_.mark_busy();
    const IoResult result = in_.fill(deadline);
    if (result.ec == std::errc::timed_out) return started ? Next::timeout : Next::idle_timeout;
    if (result.ec || result.n == 0) return Next::closed;
  }
}

void Http1Connection::set_rules(std::string_view protocol_version, bool stopping) {
  const RequestHead& head = request();
  const bool server_is_http11 = protocol_version >= "HTTP/1.1";
  const bool client_is_http11 = head.at_least(1, 1);
  const bool last = limits_.keep_alive_requests != 0 && requests_ >= limits_.keep_alive_requests;
  response_.reset({.protocol_version = protocol_version,
                   .http09 = error().fault == Fault::none && head.version == "HTTP/0.9",
                   .head_request = head.method == "HEAD",
                   .adds_framing = server_is_http11,
                   .chunks = server_is_http11 && client_is_http11,
                   .keep_alive = server_is_http11 && head.keep_alive && !last && !stopping,
                   .client_is_http10 = !client_is_http11});
}

bool Http1Connection::finish() {
  end_response();
  return response_.keeps_alive() && body_.failure_status() == 0 &&
         body_.skip_rest(limits_.lingering_bytes, Deadline::after(limits_.lingering_timeout));
}

void Http1Connection::flush() noexcept {
  // Nobody is left to be told.
  [[maybe_unused]] const auto ec = out_.flush();
}

void Http1Connection::linger() {
  flush();
  stream_.shutdown_write();
  const Deadline deadline = Deadline::after(limits_.lingering_timeout);
  std::array<char, 4096> block;
  std::size_t dropped = 0;
  while (dropped < limits_.lingering_bytes) {
    const IoResult result = stream_.read_some(block, deadline);
    if (result.ec || result.n == 0) return;
    dropped += result.n;
  }
}

bool Http1Connection::body_too_large() const noexcept {
  const RequestHead& head = request();
  return limits_.body_bytes != 0 && head.framing == Framing::length &&
         head.content_length > limits_.body_bytes;
}

void Http1Connection::send_interim(const ResponseHead& head) {
  response_.interim(head);
  if (const auto ec = out_.flush()) throw_os_error(ec, "send interim response");
  stream_.mark_busy();
}

void Http1Connection::end_response() {
  if (const auto ec = response_.end()) throw_os_error(ec, "send response");
}

}  // namespace socketserver::http
