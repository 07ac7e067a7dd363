#include <socketserver/http/event_stream.hpp>

#include <socketserver/base/error.hpp>
#include <socketserver/base/sleep.hpp>
#include <socketserver/server/base_server.hpp>

namespace socketserver::http {
namespace {

// A client that sends this much has no business here: it is no longer listened to.
constexpr std::size_t kMostUnread = 4096;

// How often a stream that cannot listen to its client looks whether the server is stopping.
constexpr Duration kLook = std::chrono::milliseconds(200);

}  // namespace

EventStream::EventStream(BaseHTTPRequestHandler& self, Duration heartbeat)
    : self_(&self), heartbeat_(heartbeat), last_write_(Deadline::Clock::now()) {
  self.send_response(200);
  self.send_header("Content-Type", "text/event-stream");
  self.send_header("Cache-Control", "no-store");
  self.send_header("X-Accel-Buffering", "no");  // nginx would gather events
  self.end_headers();
  over_ = self.command() == "HEAD";
  if (over_) return;
  try {
    self.wfile().flush();
  } catch (const OSError&) {
    over_ = true;
  }
}

bool EventStream::send(const Event& event) {
  return write(format_event(event));
}

bool EventStream::comment(std::string_view text) {
  return write(format_event_comment(text));
}

bool EventStream::wait(Duration span) {
  const Deadline deadline = Deadline::after(span);
  for (;;) {
    const auto next_beat = heartbeat_ == Duration::zero()
                               ? Deadline::never()
                               : Deadline::after(last_write_ + heartbeat_ - Deadline::Clock::now());
    if (!is_open() || !wait_for_end(Deadline::earlier(deadline, next_beat))) return false;
    if (deadline.expired()) return is_open();
    if (next_beat.expired() && !comment()) return false;
  }
}

bool EventStream::is_open() const {
  return !over_ && !self_->server().stop_requested();
}

bool EventStream::write(std::string_view text) {
  if (!is_open()) return false;
  try {
    self_->wfile().write(text);
    self_->wfile().flush();
    last_write_ = Deadline::Clock::now();
  } catch (const OSError&) {
    // It has gone, or takes nothing any more: the end of most streams, and nothing to report.
    over_ = true;
    self_->close_connection(true);
  }
  return !over_;
}

/// Waits for the client to go away; true when it has not until `deadline`.
bool EventStream::wait_for_end(Deadline deadline) {
  // A CGI program and a test have no connection to listen to.
  Reader* connection =
      self_->request().fileno() >= 0 ? &self_->StreamRequestHandler::rfile() : nullptr;
  while (connection != nullptr && connection->buffered().size() < kMostUnread) {
    const IoResult result = connection->fill(deadline);
    if (result.ec == std::errc::timed_out) return true;
    over_ = result.ec || result.n == 0;
    if (over_) self_->close_connection(true);
    if (over_) return false;
  }
  sleep_until(Deadline::earlier(deadline, Deadline::after(kLook)));
  return true;
}

}  // namespace socketserver::http
