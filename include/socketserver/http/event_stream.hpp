#pragma once

#include <chrono>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/proto/event.hpp>

namespace socketserver::http {

/// Answers a request with a stream of server-sent events (HTML Standard §9.2).
///
/// ```cpp
/// void do_GET() override {
///   http::EventStream events(*this);
///   while (events.wait(std::chrono::seconds(1))) events.send(date_time_string());
/// }
/// ```
/// Every event is on its way when `send` returns. The stream is over when the client has gone or
/// the server is stopping: then everything returns false, and the method should return. A handler
/// that waits for something else than time, a ConditionVariable perhaps, does so for at most a
/// second or two, then asks `wait` with a span of zero, so that it notices.
///
/// Under threads a stream holds its thread, under fibers only a parked fiber: serve many with
/// those.
///
/// Thread safety: one thread at a time, the handler's.
/// Lifetime: within the method that serves the request.
class EventStream {
 public:
  /// Begins the response: 200, `text/event-stream`, never cached, and sends its head at once. To
  /// HEAD the stream is over from the beginning.
  ///
  /// @param heartbeat  how long `wait` lets pass without an event before it sends a comment, so
  ///                   that nothing on the way takes the connection for dead; 0: never.
  /// @throws std::logic_error when a response was begun already.
  explicit EventStream(BaseHTTPRequestHandler& self, Duration heartbeat = std::chrono::seconds(15));

  /// Sends an event; false when the stream is over.
  ///
  /// @throws std::invalid_argument as `format_event`.
  bool send(const Event& event);
  bool send(std::string_view data) { return send(Event{.data = data}); }

  /// Sends a comment, which clients ignore; false when the stream is over.
  bool comment(std::string_view text = {});

  /// Waits for `span`, with heartbeats; false, at once, when the stream is over. A client that ends
  /// its side of the connection counts as gone.
  bool wait(Duration span);

  /// Whether the stream goes on, as far as is known.
  bool is_open() const;

  /// What the client has seen last, when it connects again; "" at first.
  std::string_view last_event_id() const { return self_->headers()["Last-Event-ID"]; }

 private:
  bool write(std::string_view text);
  bool wait_for_end(Deadline deadline);

  BaseHTTPRequestHandler* self_;
  Duration heartbeat_;
  Deadline::Clock::time_point last_write_;
  bool over_ = false;
};

}  // namespace socketserver::http
