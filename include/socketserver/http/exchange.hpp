#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/request_parser.hpp>
#include <socketserver/net/stream.hpp>

namespace socketserver::http {

/// The head of a response, without what its framing adds.
struct ResponseHead {
  int status = 200;    ///< 100 to 599.
  std::string reason;  ///< Without CR, LF or NUL.
  Headers headers;     ///< In the order in which they are sent.

  /// Makes it empty again and keeps the memory.
  void clear() noexcept {
    status = 200;
    reason.clear();
    headers.clear();
  }
};

/// How a request was answered, for logs and counters.
struct AnswerSummary {
  int status = 200;                   ///< What the client was told.
  std::uint64_t body_bytes = 0;       ///< Of the response's body, as it was written; none to HEAD.
  Deadline::Clock::time_point begun;  ///< When the request's head had come.

  /// From then to now: while `log_answer` runs, the time that the whole answer took.
  Duration duration() const noexcept { return Deadline::Clock::now() - begun; }
};

/// One request and its response: what a handler talks to, whatever carries it.
///
/// An HTTP/1 connection is the first carrier. The handler never sees framing: it reads a body that
/// ends where the request's body ends, and writes a body that the exchange delimits.
///
/// For overriding: implement all of it for another carrier.
/// Thread safety: the worker's thread only.
/// Lifetime: from the request's head to the end of its response.
class Exchange {
 public:
  virtual ~Exchange() = default;

  /// The head of the request.
  virtual const RequestHead& request() const noexcept = 0;

  /// The body of the request, its transfer coding taken off. It fails, rather than ends, when the
  /// client stops short: `std::errc::connection_aborted`; when the coding is broken:
  /// `std::errc::bad_message`; when it is larger than the limit: `std::errc::message_size`.
  virtual ByteSource& request_body() noexcept = 0;

  /// Sends an interim response (1xx) at once; the response itself is still to come.
  ///
  /// @throws OSError when the client is gone.
  virtual void send_interim(const ResponseHead& head) = 0;

  /// Where the head of the response is put together until `begin_response` takes it.
  ResponseHead& draft() noexcept { return draft_; }
  const ResponseHead& draft() const noexcept { return draft_; }

  /// Takes the head of the response, and leaves some memory of an earlier one for the next. It is
  /// sent together with the first of the body.
  ///
  /// @throws std::logic_error when a response was begun already, or when its Content-Length is
  /// none.
  virtual void begin_response(ResponseHead&& head) = 0;

  /// Whether `begin_response` was called or anything was written.
  virtual bool response_begun() const noexcept = 0;

  /// The body of the response. A body longer than its Content-Length is misuse: std::logic_error.
  /// What a response must not have (to HEAD, 204, 304) is counted, not sent.
  ///
  /// Before `begin_response` the bytes go to the client as they are, and the connection closes
  /// after them.
  virtual ByteSink& response_body() noexcept = 0;

  /// Ends the response: gives it its length, or its last chunk.
  ///
  /// @throws OSError when the client is gone.
  virtual void end_response() = 0;

 protected:
  Exchange() = default;
  Exchange(const Exchange&) = default;
  Exchange& operator=(const Exchange&) = default;

 private:
  ResponseHead draft_;
};

}  // namespace socketserver::http
