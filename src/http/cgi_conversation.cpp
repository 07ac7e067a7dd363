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
#include "http/unless_zero.hpp"

namespace socketserver::http {
namespace {

using namespace std::chrono_literals;

// What a pipe holds.
constexpr std::size_t kScriptBlock = std::size_t{64} * 1024;

// When a script has ended but what it started keeps its output open: how long that may be silent.
constexpr Duration kLeftoverSilence = 1s;

// What a script gets that was told to end, before it is killed.
constexpr Duration kForcedEnd = 1s;

bool would_block() noexcept {
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

}  // namespace

CGIConversation::CGIConversation(BaseHTTPRequestHandler& handler, CGIProcess& script,
                                 BodySpool& spool, std::uint64_t body_left,
                                 std::optional<Duration> progress_timeout)
    : handler_(handler),
      script_(script),
      limits_(handler.server().options().limits),
      client_(handler.connection().fileno()),
      waits_(handler.connection().waiter()),
      body_(handler, spool, body_left, progress_timeout),
      answer_(handler, "CGI script"),
      block_(std::make_unique_for_overwrite<char[]>(kScriptBlock)),
      total_(Deadline::after(unless_zero(limits_.cgi_total_timeout))),
      silence_(Deadline::after(unless_zero(limits_.cgi_timeout))) {}

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
  while (script_.input() >= 0 && !body_.empty()) {
    const std::string_view front = body_.front();
    const detail::SigpipeBlock no_sigpipe;
    const ssize_t n = ::write(script_.input(), front.data(), front.size());
    if (n < 0 && would_block()) return;
    if (n < 0) return close_input();
    body_.consume(static_cast<std::size_t>(n));
    moved();
  }
  if (!body_.coming() && body_.empty()) close_input();
}

/// The script wants no more of the body, or there is no more.
void CGIConversation::close_input() noexcept {
  waits_.remove(script_.input());
  script_.close_input();
  body_.drop();
}

/// Whether to read of the body what the script does not want yet: while there is output that the
/// client does not take, it may be one that listens only after it has spoken.
bool CGIConversation::reads_ahead() const noexcept {
  return body_.empty() || answer_.holds();
}

void CGIConversation::take_body() {
  if (!reads_ahead() || !body_.take(waits_.ready(client_).readable)) return;
  moved();
  feed_script();
}

void CGIConversation::take_output() {
  if (!answer_.has_room()) return;
  const ssize_t n = ::read(script_.output(), block_.get(), kScriptBlock);
  if (n < 0 && would_block()) return;
  if (n < 0) throw_os_error(last_error(), "read the output of a CGI script");
  if (n == 0) return finish_output(answer_.end());
  moved();
  const auto end = answer_.take({block_.get(), static_cast<std::size_t>(n)});
  if (end) finish_output(*end);
}

void CGIConversation::deliver() {
  const std::uint64_t before = answer_.delivered();
  const auto end =
      answer_.deliver(body_.coming() && !output_ended_, waits_.ready(client_).writable);
  if (answer_.delivered() > before) moved();
  if (end) finish_output(*end);
}

void CGIConversation::wait() {
  // Also while there is always something to do.
  if (total_.expired()) return finish_output(CGIEnd::timeout);
  set_interests();
  const Deadline body = body_.begin_wait(body_.coming() && reads_ahead());
  const Deadline deadline = Deadline::earlier(Deadline::earlier(silence_, total_),
                                              Deadline::earlier(body, answer_.flush_at()));
  const auto ec = waits_.wait(deadline);
  body_.end_wait();
  if (ec == std::errc::timed_out) return take_timeout();
  if (ec == std::errc::operation_canceled) return finish_output(CGIEnd::stopped);
  if (ec) throw_os_error(ec, "wait for a CGI script");
  if (waits_.ready(client_).broken) return finish_output(CGIEnd::client_gone);
  if (waits_.ready(script_.ended()).readable) take_script_end();
}

void CGIConversation::set_interests() {
  if (answer_.has_room()) {
    waits_.want(script_.output(), {.read = true});
  } else {
    waits_.remove(script_.output());
  }
  if (script_.input() >= 0) waits_.want(script_.input(), {.write = !body_.empty()});
  if (!exit_status_) waits_.want(script_.ended(), {.read = true});
  waits_.want(client_, {.read = body_.coming() && reads_ahead(),
                        .write = body_.coming() && answer_.holds()});
}

void CGIConversation::take_timeout() {
  if (answer_.flush_at().expired()) return answer_.flush();
  if (exit_status_ && silence_.expired()) return finish_output(answer_.end());
  if (silence_.expired() || total_.expired()) return finish_output(CGIEnd::timeout);
  body_.check_time();
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
  if (wait_for_end(Deadline::earlier(deadline, answer_.flush_at()))) return;
  if (answer_.head_sent()) answer_.flush();
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
  if (forced_) return handler_.log_error("CGI script killed: " + std::string(reason_of(end_)));
  if (*exit_status_ != 0) {
    handler_.log_error("CGI script exit code " + std::to_string(*exit_status_));
  }
  // An answer with a length is known to be whole.
  if (*exit_status_ < 0 && !answer_.is_whole() && end_ == CGIEnd::answered) end_ = CGIEnd::killed;
  const std::uint64_t missing = answer_.missing();
  if (missing == 0 || end_ != CGIEnd::answered) return;
  handler_.log_error("CGI script ended " + std::to_string(missing) +
                     " bytes before its Content-Length: connection cut");
}

}  // namespace socketserver::http
