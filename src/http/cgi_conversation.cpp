#include "http/cgi_conversation.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>

#include <socketserver/base/error.hpp>
#include <socketserver/server/base_server.hpp>

#include "base/sigpipe.hpp"

namespace socketserver::http {
namespace {

using namespace std::chrono_literals;

// What a pipe holds.
constexpr std::size_t kBlock = std::size_t{64} * 1024;

// A client that is still sending is sent so much at a time, which fits wherever there is room.
constexpr std::size_t kTimidBlock = std::size_t{8} * 1024;

// How long the first output waits for more, so that most answers leave whole, with their length.
constexpr Duration kGatherTime = 20ms;

// When a script has ended but what it started keeps its output open: how long that may be silent.
constexpr Duration kLeftoverSilence = 1s;

// What a script gets that was told to end, before it is killed.
constexpr Duration kForcedEnd = 1s;

std::optional<Duration> unless_zero(Duration limit) {
  return limit == Duration::zero() ? std::nullopt : std::optional(limit);
}

HeadLimits head_limits(const Limits& limits) {
  return {.header_bytes = limits.header_bytes, .header_count = limits.header_count};
}

/// Why a script was ended that has come to `end`.
std::string_view reason(CGIEnd end) noexcept {
  switch (end) {
    case CGIEnd::timeout:
      return "it took too long";
    case CGIEnd::too_long:
      return "it wrote too much";
    case CGIEnd::bad_head:
      return "it has no valid head";
    case CGIEnd::stopped:
      return "the server is stopping";
    case CGIEnd::client_gone:
      return "the client is gone";
    case CGIEnd::answered:
    case CGIEnd::redirected:
    case CGIEnd::no_head:
    case CGIEnd::killed:
      break;
  }
  return "it did not end after its answer";
}

bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

CGIConversation::CGIConversation(BaseHTTPRequestHandler& handler, CGIProcess& script,
                                 BodySpool& spool, std::uint64_t body_left,
                                 std::optional<Duration> progress_timeout)
    : handler_(handler),
      script_(script),
      spool_(spool),
      limits_(handler.server().options().limits),
      progress_timeout_(progress_timeout),
      client_(handler.connection().fileno()),
      waits_(handler.connection().waiter()),
      body_left_(body_left),
      parser_(head_limits(limits_)),
      block_(std::make_unique_for_overwrite<char[]>(kBlock)),
      total_(Deadline::after(unless_zero(limits_.cgi_total_timeout))),
      silence_(Deadline::after(unless_zero(limits_.cgi_timeout))),
      body_deadline_(Deadline::after(progress_timeout)),
      body_rate_(limits_) {}

CGIEnd CGIConversation::run() {
  std::exception_ptr failure;
  try {
    converse();
    await_end();
  } catch (...) {
    failure = std::current_exception();
  }
  if (!exit_status_) end_by_force();
  if (failure) std::rethrow_exception(failure);
  report();
  return end_;
}

void CGIConversation::converse() {
  while (!output_ended_) {
    feed_script();
    take_body();
    take_output();
    deliver();
    if (!output_ended_) wait();
  }
}

void CGIConversation::feed_script() {
  if (waits_.ready(script_.input()).broken) return close_input();
  while (script_.input() >= 0 && !spool_.empty()) {
    const std::string_view front = spool_.front();
    const detail::SigpipeBlock no_sigpipe;
    const ssize_t n = ::write(script_.input(), front.data(), front.size());
    if (n < 0 && would_block()) return;
    if (n < 0) return close_input();
    spool_.consume(static_cast<std::size_t>(n));
    moved();
  }
  if (body_left_ == 0 && spool_.empty()) close_input();
}

/// The script wants no more of the body, or there is no more. What is left of it stays unread.
void CGIConversation::close_input() noexcept {
  waits_.remove(script_.input());
  script_.close_input();
  spool_.clear();
  body_left_ = 0;
}

/// Whether to read of the body what the script does not want yet: while there is output that the
/// client does not take, it may be one that listens only after it has spoken.
bool CGIConversation::reads_ahead() const noexcept {
  return spool_.empty() || !held_.empty();
}

void CGIConversation::take_body() {
  if (body_left_ == 0 || !reads_ahead()) return;
  const bool at_hand = !handler_.rfile().buffered().empty() ||
                       !handler_.StreamRequestHandler::rfile().buffered().empty() ||
                       waits_.ready(client_).readable;
  if (!at_hand) return;
  Reader& body = handler_.rfile();
  const IoResult result = body.fill(Deadline::never());
  if (result.ec) throw_os_error(result.ec, "read request body");
  body_left_ -= body.buffered().size();
  body_rate_.moved(body.buffered().size());
  spool_.append(body.buffered());
  body.consume(body.buffered().size());
  if (!too_slow_) body_deadline_ = Deadline::after(progress_timeout_);
  moved();
  feed_script();
}

void CGIConversation::take_output() {
  if (held_.size() >= kBlock) return;
  const ssize_t n = ::read(script_.output(), block_.get(), kBlock);
  if (n < 0 && would_block()) return;
  if (n < 0) throw_os_error(last_error(), "read the output of a CGI script");
  if (n == 0) return finish_output(head_sent_ || discards_ ? end_ : CGIEnd::no_head);
  moved();
  if (discards_) return;
  const std::string_view output(block_.get(), static_cast<std::size_t>(n));
  if (head_sent_) {
    held_ += output;
  } else {
    head_text_ += output;
    take_head();
  }
}

void CGIConversation::take_head() {
  switch (parser_.parse(head_text_)) {
    case CGIHeadParser::Status::need_more:
      return;
    case CGIHeadParser::Status::failed:
      handler_.log_error("CGI script's output begins with " + std::string(parser_.error()));
      return finish_output(CGIEnd::bad_head);
    case CGIHeadParser::Status::complete:
      break;
  }
  if (!parser_.head().local_redirect.empty()) {
    end_ = CGIEnd::redirected;
    discards_ = true;
    return;
  }
  send_head();
  held_ = head_text_.substr(parser_.consumed());
  head_text_ = {};
}

void CGIConversation::send_head() {
  const CGIHead& head = parser_.head();
  if (!head.reason.empty()) {
    handler_.send_response(head.status, head.reason);
  } else if (head.status == 200 && !head.status_given) {
    handler_.send_response(head.status, "Script output follows");
  } else {
    handler_.send_response(head.status);
  }
  for (const auto [name, value] : head.headers) handler_.send_header(name, value);
  handler_.end_headers();
  announced_ = head.content_length;
  head_sent_ = true;
  end_ = CGIEnd::answered;
  flush_at_ = Deadline::after(kGatherTime);
}

void CGIConversation::deliver() {
  const bool client_speaks = body_left_ > 0;
  while (!held_.empty()) {
    if (client_speaks && !output_ended_ && !waits_.ready(client_).writable) return;
    std::size_t n = client_speaks ? std::min(held_.size(), kTimidBlock) : held_.size();
    if (announced_ && n > *announced_) {
      handler_.log_error("CGI script wrote more than its Content-Length: the rest was dropped");
      n = static_cast<std::size_t>(*announced_);
      held_.resize(n);
      finish_output(CGIEnd::answered);
    }
    if (limits_.cgi_output_bytes != 0 && n > limits_.cgi_output_bytes - delivered_) {
      return finish_output(CGIEnd::too_long);
    }
    if (n > 0) handler_.wfile().write(std::string_view(held_).substr(0, n));
    held_.erase(0, n);
    delivered_ += n;
    if (announced_) *announced_ -= n;
    if (flush_at_.is_never()) flush_at_ = Deadline::after(kGatherTime);
    moved();
    if (!client_speaks || output_ended_) continue;
    flush();
    return;
  }
}

void CGIConversation::flush() {
  flush_at_ = Deadline::never();
  handler_.wfile().flush();
}

void CGIConversation::wait() {
  set_interests();
  const bool wants_body = body_left_ > 0 && reads_ahead();
  const bool judges = wants_body && body_rate_.is_on();
  Deadline body = wants_body ? body_deadline_ : Deadline::never();
  if (judges) body = Deadline::earlier(body, body_rate_.begin_wait());
  const Deadline deadline =
      Deadline::earlier(Deadline::earlier(silence_, total_), Deadline::earlier(body, flush_at_));
  const auto ec = waits_.wait(deadline);
  if (judges && !body_rate_.end_wait()) {
    too_slow_ = true;
    body_deadline_ = Deadline::after(Duration::zero());
  }
  if (ec == std::errc::timed_out) return take_timeout();
  if (ec == std::errc::operation_canceled) return finish_output(CGIEnd::stopped);
  if (ec) throw_os_error(ec, "wait for a CGI script");
  if (waits_.ready(client_).broken) return finish_output(CGIEnd::client_gone);
  if (waits_.ready(script_.ended()).readable) take_script_end();
}

void CGIConversation::set_interests() {
  if (held_.size() < kBlock) {
    waits_.want(script_.output(), {.read = true});
  } else {
    waits_.remove(script_.output());
  }
  if (script_.input() >= 0) waits_.want(script_.input(), {.write = !spool_.empty()});
  if (!exit_status_) waits_.want(script_.ended(), {.read = true});
  waits_.want(client_,
              {.read = body_left_ > 0 && reads_ahead(), .write = body_left_ > 0 && !held_.empty()});
}

void CGIConversation::take_timeout() {
  if (flush_at_.expired()) return flush();
  if (exit_status_ && silence_.expired()) return finish_output(end_);
  if (silence_.expired() || total_.expired()) return finish_output(CGIEnd::timeout);
  if (body_left_ == 0 || !body_deadline_.expired()) return;
  // The body's own failure, which has an answer.
  const IoResult result = handler_.rfile().fill(Deadline::after(Duration::zero()));
  if (result.ec) throw_os_error(result.ec, "read request body");
}

/// What it has written is still in the pipe, and what it has started may write more.
void CGIConversation::take_script_end() {
  exit_status_ = script_.take_end();
  if (!exit_status_) return;
  waits_.remove(script_.ended());
  moved();
}

/// The script has taken or given something, or the client held it up.
void CGIConversation::moved() {
  silence_ = Deadline::after(exit_status_ ? kLeftoverSilence : unless_zero(limits_.cgi_timeout));
}

void CGIConversation::finish_output(CGIEnd end) {
  end_ = end;
  output_ended_ = true;
  waits_.remove(script_.output());
  script_.close_output();
}

/// After the output: waits for the script itself unless there is a reason not to.
void CGIConversation::await_end() {
  const bool well =
      end_ == CGIEnd::answered || end_ == CGIEnd::redirected || end_ == CGIEnd::no_head;
  if (exit_status_ || !well) return;
  close_input();
  waits_.remove(client_);
  const Deadline deadline = Deadline::earlier(silence_, total_);
  // Most end at once; while others tidy up, the client need not wait for its answer.
  if (wait_for_end(Deadline::earlier(deadline, flush_at_))) return;
  if (head_sent_ && !discards_) flush();
  if (!wait_for_end(deadline) && end_ == CGIEnd::no_head) end_ = CGIEnd::timeout;
}

bool CGIConversation::wait_for_end(Deadline deadline) {
  waits_.want(script_.ended(), {.read = true});
  // A server that stops waits for nobody; then it has not ended, or has by chance.
  [[maybe_unused]] const auto ec = waits_.wait(deadline);
  // Before anybody knows that the leader has ended: later the group may have another one's number.
  if (forced_) script_.signal_group(SIGKILL);
  exit_status_ = script_.take_end();
  return exit_status_.has_value();
}

void CGIConversation::end_by_force() noexcept {
  forced_ = true;
  script_.signal_group(SIGTERM);
  try {
    waits_.remove(script_.input());
    waits_.remove(script_.output());
    waits_.remove(client_);
    wait_for_end(Deadline::after(kForcedEnd));
  } catch (const OSError&) {
    script_.signal_group(SIGKILL);
  }
}

void CGIConversation::report() {
  if (forced_) return handler_.log_error("CGI script killed: " + std::string(reason(end_)));
  if (*exit_status_ != 0) {
    handler_.log_error("CGI script exit code " + std::to_string(*exit_status_));
  }
  // An answer with a length is known to be whole.
  const bool whole = announced_ == std::uint64_t{0};
  if (*exit_status_ < 0 && !whole && end_ == CGIEnd::answered) end_ = CGIEnd::killed;
  const bool cut = announced_.value_or(0) > 0 && handler_.command() != "HEAD";
  if (!cut || end_ != CGIEnd::answered) return;
  handler_.log_error("CGI script ended " + std::to_string(*announced_) +
                     " bytes before its Content-Length: connection cut");
}

}  // namespace socketserver::http
