#include "http/fastcgi_conversation.hpp"

#include <socketserver/base/error.hpp>
#include <socketserver/server/base_server.hpp>

#include "http/unless_zero.hpp"

namespace socketserver::http {
namespace {

// As much as a pipe holds.
constexpr std::size_t kApplicationBlock = std::size_t{64} * 1024;

/// A connection whose operations never wait: the conversation does, for both of its ends.
Socket connect(const Address& application, Deadline deadline, Waiter& waiter) {
  Socket socket = Socket::connect(application, deadline, waiter);
  socket.set_waiter(Waiter::thread());
  socket.set_nodelay(true);
  return socket;
}

}  // namespace

FastCGIConversation::FastCGIConversation(BaseHTTPRequestHandler& handler,
                                         const Address& application,
                                         const std::map<std::string, std::string>& variables,
                                         BodySpool& spool, std::uint64_t body_left,
                                         std::optional<Duration> progress_timeout)
    : handler_(handler),
      name_("FastCGI application " + application.to_string()),
      limits_(handler.server().options().limits),
      total_(Deadline::after(unless_zero(limits_.cgi_total_timeout))),
      silence_(Deadline::after(unless_zero(limits_.cgi_timeout))),
      socket_(
          connect(application, Deadline::earlier(silence_, total_), handler.connection().waiter())),
      client_(handler.connection().fileno()),
      waits_(handler.connection().waiter()),
      body_(handler, spool, body_left, progress_timeout),
      answer_(handler, name_),
      errors_(handler, name_),
      block_(std::make_unique_for_overwrite<char[]>(kApplicationBlock)),
      outgoing_(fastcgi_request(variables)) {
  moved();
}

CGIEnd FastCGIConversation::run() {
  while (!end_) {
    send_request();
    take_body();
    take_answer();
    deliver();
    if (!end_) wait();
  }
  report();
  return *end_;
}

void FastCGIConversation::send_request() {
  for (;;) {
    add_input();
    if (outgoing_.empty()) return;
    const std::string_view bytes = outgoing_;
    const IoResult sent = socket_.try_write_some({&bytes, 1});
    // It wants no more; what it has said to that is still to be read.
    if (sent.ec) return close_input();
    if (sent.n == 0) return;
    outgoing_.erase(0, sent.n);
    moved();
  }
}

/// Makes records of what there is of the body, but no more than the application will soon take.
void FastCGIConversation::add_input() {
  while (input_open_ && outgoing_.size() < kApplicationBlock && !body_.empty()) {
    const std::string_view piece = body_.front().substr(0, kApplicationBlock);
    append_fastcgi_input(outgoing_, piece);
    body_.consume(piece.size());
  }
  if (!input_open_ || body_.coming() || !body_.empty()) return;
  append_fastcgi_input_end(outgoing_);
  input_open_ = false;
}

/// The application wants no more of the request. What is left of its body stays unread.
void FastCGIConversation::close_input() noexcept {
  input_open_ = false;
  outgoing_.clear();
  body_.drop();
}

/// As in CGIConversation: while there is output that the client does not take, it may be one that
/// listens only after it has spoken.
bool FastCGIConversation::reads_ahead() const noexcept {
  return (body_.empty() && outgoing_.size() < kApplicationBlock) || answer_.holds();
}

void FastCGIConversation::take_body() {
  if (!reads_ahead() || !body_.take(waits_.ready(client_).readable)) return;
  moved();
  send_request();
}

void FastCGIConversation::take_answer() {
  if (!answer_.has_room()) return;
  if (waits_.ready(socket_.fileno()).readable) socket_.mark_readable();
  const IoResult got = socket_.try_read_some({block_.get(), kApplicationBlock}, Duration::zero());
  if (got.ec == std::errc::operation_would_block) return;
  if (got.ec || got.n == 0) return fail("has closed its connection too early");
  moved();
  read_records({block_.get(), got.n});
}

void FastCGIConversation::read_records(std::string_view bytes) {
  while (!end_) {
    switch (reader_.next(bytes)) {
      case FastCGIReader::Part::need_more:
        return;
      case FastCGIReader::Part::output:
        end_ = answer_.take(reader_.content());
        break;
      case FastCGIReader::Part::errors:
        errors_.take(reader_.content());
        break;
      case FastCGIReader::Part::end:
        return take_end();
      case FastCGIReader::Part::failed:
        return fail("has sent " + std::string(reader_.error()));
    }
  }
}

/// Whatever it may send behind that is gone with the connection, unread.
void FastCGIConversation::take_end() {
  switch (reader_.status()) {
    case FastCGIReader::Status::complete:
      if (reader_.application_status() != 0) {
        handler_.log_error(name_ + ": exit code " +
                           std::to_string(static_cast<std::int32_t>(reader_.application_status())));
      }
      end_ = answer_.end();
      if (end_ == CGIEnd::no_head) handler_.log_error(name_ + " has sent no head");
      return;
    case FastCGIReader::Status::overloaded:
    case FastCGIReader::Status::cannot_multiplex:
      handler_.log_error(name_ + " is overloaded");
      end_ = CGIEnd::overloaded;
      return;
    case FastCGIReader::Status::unknown_role:
      return fail("is no responder");
  }
}

void FastCGIConversation::fail(std::string_view what) {
  handler_.log_error(name_ + ' ' + std::string(what));
  end_ = CGIEnd::broken;
}

void FastCGIConversation::deliver() {
  const std::uint64_t before = answer_.delivered();
  const auto end = answer_.deliver(body_.coming() && !end_, waits_.ready(client_).writable);
  if (answer_.delivered() > before) moved();
  if (end) end_ = end;
}

void FastCGIConversation::wait() {
  // Also while there is always something to do.
  if (total_.expired()) {
    end_ = CGIEnd::timeout;
    return;
  }
  set_interests();
  const Deadline body = body_.begin_wait(body_.coming() && reads_ahead());
  const Deadline deadline = Deadline::earlier(Deadline::earlier(silence_, total_),
                                              Deadline::earlier(body, answer_.flush_at()));
  const auto ec = waits_.wait(deadline);
  body_.end_wait();
  if (ec == std::errc::timed_out) return take_timeout();
  if (ec == std::errc::operation_canceled) {
    end_ = CGIEnd::stopped;
  } else if (ec) {
    throw_os_error(ec, "wait for a FastCGI application");
  } else if (waits_.ready(client_).broken) {
    end_ = CGIEnd::client_gone;
  }
}

void FastCGIConversation::set_interests() {
  if (answer_.has_room() || !outgoing_.empty()) {
    waits_.want(socket_.fileno(), {.read = answer_.has_room(), .write = !outgoing_.empty()});
  } else {
    // A connection that is broken would end every wait.
    waits_.remove(socket_.fileno());
  }
  waits_.want(client_, {.read = body_.coming() && reads_ahead(),
                        .write = body_.coming() && answer_.holds()});
}

void FastCGIConversation::take_timeout() {
  if (answer_.flush_at().expired()) return answer_.flush();
  if (silence_.expired() || total_.expired()) {
    end_ = CGIEnd::timeout;
  } else {
    body_.check_time();
  }
}

/// The application has taken or given something, or the client held it up.
void FastCGIConversation::moved() {
  silence_ = Deadline::after(unless_zero(limits_.cgi_timeout));
}

void FastCGIConversation::report() {
  errors_.finish();
  switch (*end_) {
    case CGIEnd::timeout:
    case CGIEnd::too_long:
    case CGIEnd::stopped:
    case CGIEnd::client_gone:
      handler_.log_error(name_ + " given up: " + std::string(reason_of(*end_)));
      break;
    default:
      break;
  }
  // An answer with a length is known to be whole.
  const bool cut_off = end_ == CGIEnd::broken || end_ == CGIEnd::timeout || end_ == CGIEnd::stopped;
  if (cut_off && answer_.head_sent() && answer_.is_whole()) end_ = CGIEnd::answered;
  const std::uint64_t missing = answer_.missing();
  if (missing == 0 || end_ != CGIEnd::answered) return;
  handler_.log_error(name_ + " ended " + std::to_string(missing) +
                     " bytes before its Content-Length: connection cut");
}

}  // namespace socketserver::http
