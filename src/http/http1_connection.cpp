#include "http/http1_connection.hpp"

#include <time.h>

#include <array>
#include <chrono>
#include <new>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>

#include "http/unless_zero.hpp"

namespace socketserver::http {
namespace {

HeadLimits request_head_limits(const Limits& limits) {
  return {.request_line_bytes = limits.request_line_bytes,
          .header_bytes = limits.header_bytes,
          .header_count = limits.header_count};
}

bool would_block(std::error_code ec) {
  // Every connection says so between two requests: first the comparison that costs little.
  constexpr auto kWouldBlock = std::errc::operation_would_block;
  return ec == std::make_error_code(kWouldBlock) || ec == kWouldBlock;
}

// What a thread keeps for its next connections: so many, each with not much more memory than this.
constexpr std::size_t kSpares = 16;
constexpr std::size_t kSpareBytes = std::size_t{32} * 1024;

// After so many requests, or so long, it is the turn of others.
constexpr unsigned kMostInARow = 64;
constexpr Duration kTurn = std::chrono::milliseconds(1);

/// The time as of the last tick of the system's clock, which costs next to nothing.
Duration coarse_time() noexcept {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

using Spares = std::vector<std::unique_ptr<Http1Connection>>;

/// A function, so that its address is never kept while a fiber waits.
[[gnu::noinline]] Spares& spares_of_thread() {
  thread_local Spares spares;
  return spares;
}

}  // namespace

Http1Connection::Handle Http1Connection::take_spare() {
  Spares& spares = spares_of_thread();
  Handle connection(spares.empty() ? new Http1Connection : spares.back().release());
  if (!spares.empty()) spares.pop_back();
  return connection;
}

Http1Connection::Handle Http1Connection::take(Reader& in, Request& request, const Limits& limits,
                                              std::optional<Duration> timeout) {
  Handle connection = take(in, request.stream(), limits, timeout);
  connection->request_ = &request;
  connection->requests_ = request.messages_served();
  if (request.begun_parks() > 0) {
    connection->begun_until_ = request.park_until();
    connection->begun_ = in.buffered().find_first_not_of("\r\n") != std::string_view::npos;
  }
  return connection;
}

Http1Connection::Handle Http1Connection::take(Reader& in, Stream& stream, const Limits& limits,
                                              std::optional<Duration> timeout) {
  Handle connection = take_spare();
  connection->attach(in, stream, limits, timeout);
  return connection;
}

void Http1Connection::GiveBack::operator()(Http1Connection* connection) const noexcept {
  std::unique_ptr<Http1Connection> owned(connection);
  Spares& spares = spares_of_thread();
  if (spares.size() < kSpares && owned->capacity() <= kSpareBytes) {
    try {
      spares.push_back(std::move(owned));
    } catch (const std::bad_alloc&) {
      // Then the next connection makes one of its own.
    }
  }
}

void Http1Connection::attach(Reader& in, Stream& stream, const Limits& limits,
                             std::optional<Duration> timeout) {
  const auto progress_timeout = timeout ? timeout : unless_zero(limits.io_progress_timeout);
  in_ = &in;
  stream_ = &stream;
  request_ = nullptr;
  limits_ = &limits;
  timeout_ = timeout;
  const MinimumRate rate(limits);
  out_.attach(stream, progress_timeout, rate);
  parser_.set_limits(request_head_limits(limits));
  body_.attach(
      in, out_,
      {.most_bytes = limits.body_bytes, .progress_timeout = progress_timeout, .rate = rate});
  response_.reset({});
  requests_ = 0;
  in_a_row_ = 0;
  begun_until_.reset();
  begun_ = false;
}

std::size_t Http1Connection::capacity() const noexcept {
  const RequestHead& head = request();
  return out_.capacity() + response_.capacity() + head.requestline.capacity() +
         head.target.capacity() + head.headers.text().size() + draft().headers.text().size();
}

Deadline Http1Connection::idle_deadline() const {
  const Duration idle = requests_ == 0 ? limits_->first_byte_timeout : limits_->keep_alive_timeout;
  return Deadline::after(timeout_ ? timeout_ : unless_zero(idle));
}

/// A client that sends many requests together must not keep the others waiting until all of them
/// are answered. False: it is gone.
bool Http1Connection::let_others_run() {
  if (request_ == nullptr) return true;
  const Duration now = coarse_time();
  if (in_a_row_++ == 0) turn_began_ = now;
  if (in_a_row_ <= kMostInARow && now - turn_began_ < kTurn) return true;
  if (out_.flush()) return false;
  request_->socket().waiter().yield();
  in_a_row_ = 1;
  turn_began_ = coarse_time();
  return true;
}

Http1Connection::Next Http1Connection::next() {
  // None before it has to wait: clocks cost.
  std::optional<Deadline> deadline = std::exchange(begun_until_, std::nullopt);
  bool started = std::exchange(begun_, false);
  bool waited = false;
  if (request_ != nullptr) request_->stay();
  parser_.reset();
  for (;;) {
    const auto status =
        in_->buffered().empty() ? RequestParser::Status::need_more : parser_.parse(in_->buffered());
    switch (status) {
      case RequestParser::Status::complete:
        if (!waited && !let_others_run()) return Next::closed;
        begin_message();
        // Answers to earlier requests must not make this one look answered while its body arrives.
        if (!body_.at_end() && out_.flush()) return Next::closed;
        stream_->mark_busy();
        return Next::request;
      case RequestParser::Status::failed:
        return Next::refused;
      case RequestParser::Status::need_more:
        break;
    }
    if (!started && parser_.started()) {
      started = true;
      deadline = Deadline::after(timeout_ ? timeout_ : unless_zero(limits_->header_timeout));
    }
    if (out_.flush()) return Next::closed;
    // A handler with a timeout of its own watches over it itself.
    if (can_park() && !timeout_ && (in_->buffered().empty() || request_->parks_begun())) {
      // Bytes that trickle could keep it from waiting so long.
      if (deadline && deadline->expired()) return started ? Next::timeout : Next::idle_timeout;
      const IoResult result = in_->try_fill(request_->parking_patience());
      if (!result.ec && result.n > 0) continue;
      if (!result.ec || !would_block(result.ec)) return Next::closed;
      if (!deadline) deadline = idle_deadline();
      park(*deadline);
      return Next::parked;
    }
    if (started) stream_->mark_busy();
    if (!deadline) deadline = idle_deadline();
    const IoResult result = in_->fill(*deadline);
    waited = true;
    if (result.ec == std::errc::timed_out) return started ? Next::timeout : Next::idle_timeout;
    if (result.ec || result.n == 0) return Next::closed;
  }
}

/// Takes the head that is complete.
void Http1Connection::begin_message() {
  const char first = in_->buffered().front();
  in_->consume(parser_.consumed());
  body_.begin(parser_.head());
  ++requests_;
  if (request_ == nullptr) return;
  request_->complete_message();
  // What came first was an empty line, and the request perhaps much later.
  if (first == '\r' || first == '\n') request_->leave_turn();
}

/// Gives up the worker until more comes.
void Http1Connection::park(Deadline deadline) {
  const std::string_view begun = in_->buffered();
  if (begun.empty()) return request_->park(deadline, requests_);
  request_->park_begun(deadline, requests_, begun);
}

void Http1Connection::set_rules(std::string_view protocol_version, bool stopping) {
  const RequestHead& head = request();
  const bool server_is_http11 = protocol_version >= "HTTP/1.1";
  const bool client_is_http11 = head.at_least(1, 1);
  const bool last = limits_->keep_alive_requests != 0 && requests_ >= limits_->keep_alive_requests;
  response_.reset(
      {.protocol_version = protocol_version,
       .http09 = error().fault == Fault::none && !head.at_least(1, 0) && head.version == "HTTP/0.9",
       .head_request = head.method == std::string_view("HEAD"),
       .adds_framing = server_is_http11,
       .chunks = server_is_http11 && client_is_http11,
       .keep_alive = server_is_http11 && head.keep_alive && !last && !stopping,
       .client_is_http10 = !client_is_http11});
}

bool Http1Connection::finish(std::size_t unread) {
  end_response();
  if (!response_.keeps_alive() || body_.failure_status() != 0) return false;
  if (unread == 0 && body_.at_end()) return true;
  const std::size_t most = limits_->lingering_bytes;
  return unread <= most &&
         body_.skip_rest(most - unread, Deadline::after(limits_->lingering_timeout));
}

void Http1Connection::flush() noexcept {
  // Nobody is left to be told.
  [[maybe_unused]] const auto ec = out_.flush();
}

void Http1Connection::linger() {
  flush();
  stream_->shutdown_write();
  const Deadline deadline = Deadline::after(limits_->lingering_timeout);
  if (request_ != nullptr && request_->parks_begun()) {
    return request_->park_to_linger(deadline);
  }
  std::array<char, 4096> block;
  std::size_t dropped = 0;
  while (dropped < limits_->lingering_bytes) {
    const IoResult result = stream_->read_some(block, deadline);
    if (result.ec || result.n == 0) return;
    dropped += result.n;
  }
}

bool Http1Connection::body_too_large() const noexcept {
  const RequestHead& head = request();
  return limits_->body_bytes != 0 && head.framing == Framing::length &&
         head.content_length > limits_->body_bytes;
}

void Http1Connection::send_interim(const ResponseHead& head) {
  response_.interim(head);
  if (const auto ec = out_.flush()) throw_os_error(ec, "send interim response");
  stream_->mark_busy();
}

void Http1Connection::end_response() {
  if (const auto ec = response_.end()) throw_os_error(ec, "send response");
}

}  // namespace socketserver::http
