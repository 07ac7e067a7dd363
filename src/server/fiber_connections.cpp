#include "server/fiber_connections.hpp"

#include <chrono>

#include <socketserver/base/error.hpp>

#include "net/spare_buffer.hpp"

namespace socketserver::detail {

void FiberLoops::Loop::start_thread() {
  try {
    thread_ = std::jthread([this] { run(); });
  } catch (const std::system_error& error) {
    throw_os_error(error.code(), "start the thread of an event loop");
  }
}

void FiberLoops::Loop::run() {
  const SpareBuffer spare;
  while (!ending_) {
    run_until_ready(Deadline::never());
    const Cut cut = cut_.exchange(Cut::nothing);
    if (cut != Cut::nothing) scheduler_.cancel_waits(cut == Cut::idle);
  }
}

void FiberLoops::Connection::wake(Reason reason) noexcept {
  static_cast<Loop&>(*request.parking()).resume(*this, reason);
}

void FiberLoops::Loop::admit(Request& request, const Address& client_address) {
  request.set_waiter(waiter_);
  const bool has_input = request.socket().has_input();
  auto& connection = *new Connection(*this, request, client_address);
  if (has_input) return start(connection);
  const Duration patience = server_.options().limits.first_byte_timeout;
  connection.request.park(
      patience == Duration::zero() ? Deadline::never() : Deadline::after(patience), 0);
  if (!settle(connection)) return start(connection);
  // It counted as one with a fiber until now.
  tell_of_free_fiber();
}

void FiberLoops::Loop::resume(Connection& connection, Scheduler::Sleeper::Reason reason) noexcept {
  using Reason = Scheduler::Sleeper::Reason;
  connection.parked = false;
  count_parked(static_cast<std::size_t>(-1));
  served_ = 0;
  Socket& socket = connection.request.socket();
  // What a client has asked for is served also when the server stops. An end without a word is
  // nothing for a handler.
  const bool asks = reason == Reason::cancelled ? socket.has_input() && !socket.at_end()
                                                : reason != Reason::ended || !socket.at_end();
  if (!asks) {
    if (reason == Reason::cancelled && give_last_moment(connection)) return;
    EngineAccess::end_request(server_, connection.request);
    return end(connection);
  }
  if (reason == Reason::readable) connection.request.mark_awaited();
  start(connection);
}

/// Whether it has connected only just now, and its first request may be on its way.
bool FiberLoops::Loop::is_fresh(const Connection& connection) const noexcept {
  const Request& request = connection.request;
  const Duration patience = server_.options().limits.first_byte_timeout;
  if (request.messages_served() > 0 || request.has_begun() || patience == Duration::zero())
    return false;
  return request.park_until().remaining() >
         patience - EngineAccess::loop(server_).moment_of_the_fresh();
}

/// When the server stops, lets a fresh connection wait a little longer; false: it must end.
bool FiberLoops::Loop::give_last_moment(Connection& connection) noexcept {
  const ServerLoop& loop = EngineAccess::loop(server_);
  if (!loop.stop_asked() || loop.cancelled() || connection.last_moment || !is_fresh(connection))
    return false;
  connection.last_moment = true;
  connection.request.park(Deadline::after(loop.moment_of_the_fresh()), 0);
  if (!sleep(connection)) start(connection);
  return true;
}

/// Lets it wait for a fiber, which comes at once when there may be one more.
void FiberLoops::Loop::start(Connection& connection) noexcept {
  connection.request.socket().mark_readable();
  try {
    call_fiber();
    waiting_.push_back(&connection);
  } catch (...) {
    EngineAccess::fail_request(server_, connection.request, connection.client_address);
    end(connection);
  }
}

void FiberLoops::Loop::call_fiber() {
  if (fiber_called_ || (most_fibers_ != 0 && fibers_ >= most_fibers_)) return;
  scheduler_.spawn([this] { serve_waiting(); });
  fiber_called_ = true;
}

/// The life of a fiber. It serves one connection after the other as long as none makes it wait:
/// many are woken together, and a fiber for each would cost more than some requests do. For when
/// one does make it wait, another fiber is called to go on.
void FiberLoops::Loop::serve_waiting() noexcept {
  // As many as the scheduler resumes before it looks for events again.
  constexpr int kServedPerTurn = 64;
  fiber_called_ = false;
  ++fibers_;
  while (!waiting_.empty()) {
    Connection& connection = *waiting_.front();
    waiting_.pop_front();
    try {
      if (!waiting_.empty()) call_fiber();
    } catch (...) {
      // Without memory for one more, they wait until this one is free.
    }
    serve(connection);
    if (++served_ >= kServedPerTurn && !waiting_.empty()) scheduler_.yield();
  }
  --fibers_;
}

void FiberLoops::Loop::serve(Connection& connection) noexcept {
  Request& request = connection.request;
  for (;;) {
    request.stay();
    EngineAccess::run_request(server_, request, connection.client_address);
    const bool goes_on = request.wants_to_park();
    if (!goes_on) end(connection);
    if (!goes_on || settle(connection)) break;
    // The next message has come meanwhile; but others have waited longer.
    request.socket().mark_readable();
    scheduler_.yield();
  }
  tell_of_free_fiber();
}

/// Only the serving thread asks for room: on that thread a look tells whether it has.
void FiberLoops::Loop::tell_of_free_fiber() {
  if (most_fibers_ != 0 && (state_.room_wanted || !is_serving_threads()))
    state_.fiber_ended(server_);
}

/// Leaves it without a fiber until its next bytes; false when they are there already.
bool FiberLoops::Loop::settle(Connection& connection) noexcept {
  Request& request = connection.request;
  if (EngineAccess::loop(server_).stop_asked()) {
    if (give_last_moment(connection)) return true;
    EngineAccess::end_request(server_, request);
    end(connection);
    return true;
  }
  return sleep(connection);
}

bool FiberLoops::Loop::sleep(Connection& connection) noexcept {
  Request& request = connection.request;
  request.socket().mark_waited_for();
  if (!scheduler_.sleep(request.fileno(), connection)) return false;
  connection.parked = true;
  count_parked(1);
  set_timer(connection, tick_of(request.park_until()));
  return true;
}

/// Has `run_until_ready` look at a connection that is parked until then. A timer that is set
/// already may stay as it is when it runs out earlier: most do not run out before the next message.
void FiberLoops::Loop::set_timer(Connection& connection, Tick until) noexcept {
  if (connection.armed() && connection.tick() <= until) return;
  if (connection.armed()) timers_.remove(connection);
  if (until == TimerWheel::kNever) return;
  timers_.insert(connection, until);
  if (until < sleeps_until_) scheduler_.notify();
}

void FiberLoops::Loop::end(Connection& connection) noexcept {
  if (connection.armed()) timers_.remove(connection);
  delete &connection;
  state_.end(server_);
}

int FiberLoops::Loop::run_until_ready(Deadline deadline) {
  deadline = Deadline::earlier(deadline, deadline_of(timers_.next()));
  sleeps_until_ = tick_of(deadline);
  const int ready = scheduler_.run_until_ready(deadline);
  sleeps_until_ = 0;
  const Tick now = tick_before(Deadline::Clock::now());
  while (TimerWheel::Timer* const timer = timers_.pop_expired(now)) {
    auto& connection = static_cast<Connection&>(*timer);
    if (!connection.parked) continue;
    const Tick until = tick_of(connection.request.park_until());
    if (until > now) {
      set_timer(connection, until);
    } else {
      scheduler_.forget(connection.request.fileno());
      resume(connection, Scheduler::Sleeper::Reason::cancelled);
    }
  }
  return ready;
}

}  // namespace socketserver::detail
