#include <socketserver/server/fiber_loops.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/base/flow.hpp>
#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/fiber/scheduler.hpp>

#include "base/timer_wheel.hpp"
#include "net/spare_buffer.hpp"
#include "server/engine_access.hpp"
#include "server/server_loop.hpp"

namespace socketserver::detail {
namespace {

const std::error_code kCancelled = std::make_error_code(std::errc::operation_canceled);

/// How the connections of one loop wait: parked, with the server's stop in mind.
class FiberWaiter final : public Waiter {
 public:
  FiberWaiter(Scheduler& scheduler, ServerLoop& server) noexcept
      : scheduler_(scheduler), server_(server) {}

  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override {
    // A hook of the serving thread, for instance.
    if (Flow::current().is_thread()) return server_.wait(fd, interest, deadline, idle);
    if (server_.stop_asked() && (idle || server_.cancelled())) return kCancelled;
    return scheduler_.wait(fd, interest, deadline, idle);
  }

  void yield() override {
    if (!Flow::current().is_thread()) scheduler_.yield();
  }

  bool cancelled() const noexcept override { return server_.cancelled(); }
  void forget(int fd) noexcept override { scheduler_.forget(fd); }

 private:
  Scheduler& scheduler_;
  ServerLoop& server_;
};

}  // namespace

/// A connection of handlers that park, from its beginning to its end: its place is here, whether a
/// fiber serves it or it waits without one. The request knows its loop, as the place where it
/// parks.
struct FiberLoops::Connection final : Scheduler::Sleeper, TimerWheel::Timer {
  Connection(ParkingPlace& loop, Request& its_request, const Address& its_client)
      : request(std::move(its_request)), client_address(its_client) {
    request.set_parking(&loop);
  }
  virtual ~Connection() = default;  // final, so never by way of a base; the linter cannot tell

  void wake(Reason reason) noexcept override;

  bool parked = false;  // here, where the timer leaves a gap
  [[no_unique_address]] Request request;
  const Address client_address;
};

/// One event loop, with the thread that runs it unless that is the serving one.
class FiberLoops::Loop final : public ParkingPlace {
 public:
  enum class Runs { on_serving_thread, on_own_thread };

  Loop(BaseServer& server, State& state, SchedulerOptions options, std::size_t most_fibers,
       Runs runs)
      : server_(server),
        state_(state),
        runs_(runs),
        most_fibers_(most_fibers),
        scheduler_(std::move(options)),
        waiter_(scheduler_, EngineAccess::loop(server)) {
    if (runs == Runs::on_own_thread) start_thread();
  }

  virtual ~Loop() {  // final, so never by way of a base; the linter cannot tell
    if (!thread_.joinable()) return;
    ending_ = true;
    scheduler_.notify();
  }

  Scheduler& scheduler() noexcept { return scheduler_; }
  bool is_serving_threads() const noexcept { return runs_ == Runs::on_serving_thread; }

  /// Makes the fiber of a request. Thread: the loop's.
  template <class Ended>
  void spawn(Request& request, const Address& client_address, Ended ended) {
    request.set_waiter(waiter_);
    scheduler_.spawn([this, request = std::move(request), client_address, ended]() mutable {
      EngineAccess::run_request(server_, request, client_address);
      ended();
    });
  }

  // A connection stays where it is, and its `wants_to_park` says that it waits.
  bool park(Request& /*request*/, const Address& /*client_address*/) noexcept override {
    return true;
  }

  /// Takes a connection of handlers that park. Thread: the loop's.
  void admit(Request& request, const Address& client_address);

  /// A connection without a fiber has something to read, or must end. Thread: the loop's.
  void resume(Connection& connection, Scheduler::Sleeper::Reason reason) noexcept;

  /// As Scheduler::run_until_ready; meanwhile the connections whose time is over end.
  int run_until_ready(Deadline deadline);

  void cancel_waits(bool idle_only) {
    if (is_serving_threads()) return scheduler_.cancel_waits(idle_only);
    cut_ = idle_only ? Cut::idle : Cut::all;
    scheduler_.notify();
  }

  /// Connections that have no fiber. Any thread.
  std::size_t parked() const noexcept { return parked_.load(std::memory_order_relaxed); }

 private:
  enum class Cut : std::uint8_t { nothing, idle, all };

  void run();
  void start_thread();
  void start(Connection& connection) noexcept;
  void call_fiber();
  void serve_waiting() noexcept;
  void serve(Connection& connection) noexcept;
  bool settle(Connection& connection) noexcept;
  void set_timer(Connection& connection, Tick until) noexcept;
  void end(Connection& connection) noexcept;
  void count_parked(std::size_t more) noexcept {
    parked_.store(parked() + more, std::memory_order_relaxed);  // nobody else writes
  }

  BaseServer& server_;
  State& state_;
  const Runs runs_;
  const std::size_t most_fibers_;    // of connections that park; 0: any number
  std::deque<Connection*> waiting_;  // for a fiber
  std::size_t fibers_ = 0;           // that serve them
  bool fiber_called_ = false;        // one more is about to begin
  int served_ = 0;                   // connections, since the last one was woken
  TimerWheel timers_;                // of the parked connections, and some that were parked
  Tick sleeps_until_ = 0;            // how long `run_until_ready` has been told to run
  std::atomic<std::size_t> parked_{0};
  // What the loop is notified of; a message would need memory, which may be all there is too little
  // of.
  std::atomic<bool> ending_{false};
  std::atomic<Cut> cut_{Cut::nothing};

  Scheduler scheduler_;  // behind what its last fibers look at
  FiberWaiter waiter_;
  std::jthread thread_;
};

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

struct FiberLoops::State {
  void make_loops(BaseServer& server);
  Scheduler& first() { return loops.front()->scheduler(); }
  void watch(int& watched, int fd);
  void hand_over(BaseServer& server, Request& request, const Address& client_address);
  void take(Loop& loop, BaseServer& server, Request& request, const Address& client_address);
  void serve_now(BaseServer& server, Request& request, const Address& client_address);
  std::size_t parked() const noexcept SOCKETSERVER_REQUIRES(mutex);
  void begin();
  void end(BaseServer& server);
  void fiber_ended(BaseServer& server);

  ServerLoop* server_loop = nullptr;
  std::size_t next_loop = 0;
  bool serving_forever = false;

  // What the first loop watches; −1: not.
  int listener = -1;
  int stop = -1;
  int wake = -1;

  mutable ThreadMutex mutex;
  std::size_t running SOCKETSERVER_GUARDED_BY(mutex) = 0;
  std::atomic<bool> room_wanted{false};  // written under the lock
  bool idle_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;

  // Written by the serving thread only, and under the lock. Last, so that they end before what
  // their fibers use.
  std::vector<std::unique_ptr<Loop>> loops;
};

FiberLoops::FiberLoops() : state_(std::make_unique<State>()) {}
FiberLoops::~FiberLoops() = default;

void FiberLoops::State::make_loops(BaseServer& server) {
  if (!loops.empty()) return;
  server_loop = &EngineAccess::loop(server);
  const ServerOptions& options = server.options();
  std::size_t count = options.workers.value_or(1);
  if (count == 0) count = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t limit = options.limits.max_concurrent_requests;
  const std::size_t most = limit == 0 ? 0 : std::max<std::size_t>(1, limit / count);
  std::vector<std::unique_ptr<Loop>> made;
  for (std::size_t i = 0; i < count; ++i) {
    SchedulerOptions scheduler{
        .stack_size = options.stack_size,
        .stall_limit = options.stall_limit,
        .name = "event loop " + std::to_string(i) + " of " + server.server_address().to_string(),
        .log = options.log};
    made.push_back(
        std::make_unique<Loop>(server, *this, std::move(scheduler), most,
                               i == 0 ? Loop::Runs::on_serving_thread : Loop::Runs::on_own_thread));
  }
  const ThreadLock lock(mutex);
  loops = std::move(made);
}

std::size_t FiberLoops::State::parked() const noexcept {
  std::size_t parked = 0;
  for (const auto& loop : loops) parked += loop->parked();
  return parked;
}

void FiberLoops::State::watch(int& watched, int fd) {
  if (watched == fd) return;
  if (watched >= 0) first().unwatch(std::exchange(watched, -1));
  if (fd < 0) return;
  first().watch(fd);
  watched = fd;
}

void FiberLoops::State::begin() {
  const ThreadLock lock(mutex);
  ++running;
}

void FiberLoops::State::end(BaseServer& server) {
  // Until the lock is gone nobody learns that the request has ended, and the server lives.
  const ThreadLock lock(mutex);
  --running;
  if (room_wanted.exchange(false)) EngineAccess::wake(server);
  if (running == 0 && idle_wanted) first().notify();
}

void FiberLoops::State::fiber_ended(BaseServer& server) {
  const ThreadLock lock(mutex);
  if (room_wanted.exchange(false)) EngineAccess::wake(server);
}

void FiberLoops::start(BaseServer& server, Request& request, const Address& client_address) {
  state_->make_loops(server);
  if (state_->serving_forever) {
    state_->hand_over(server, request, client_address);
  } else {
    state_->serve_now(server, request, client_address);
  }
}

void FiberLoops::State::hand_over(BaseServer& server, Request& request,
                                  const Address& client_address) {
  Loop& loop = *loops[next_loop++ % loops.size()];
  begin();
  try {
    if (loop.is_serving_threads()) return take(loop, server, request, client_address);
    struct Job {
      Request request;
      Address client_address;
    };
    auto job = std::make_shared<Job>(std::move(request), client_address);
    loop.scheduler().post([this, &loop, &server, job = std::move(job)] {
      try {
        take(loop, server, job->request, job->client_address);
      } catch (...) {
        EngineAccess::fail_request(server, job->request, job->client_address);
        end(server);
      }
    });
  } catch (...) {
    end(server);
    throw;
  }
}

/// Has `loop` serve a request that has begun. Thread: the loop's.
void FiberLoops::State::take(Loop& loop, BaseServer& server, Request& request,
                             const Address& client_address) {
  if (server.RequestHandlerClass().parks()) return loop.admit(request, client_address);
  loop.spawn(request, client_address, [this, &server] { end(server); });
}

void FiberLoops::State::serve_now(BaseServer& server, Request& request,
                                  const Address& client_address) {
  bool ended = false;
  loops.front()->spawn(request, client_address, [this, &server, &ended] {
    end(server);
    ended = true;
    first().notify();
  });
  begin();
  while (!ended) loops.front()->run_until_ready(Deadline::never());
}

bool FiberLoops::wait_for_request(BaseServer& server, int fd, Deadline deadline, bool until_stop) {
  State& state = *state_;
  state.make_loops(server);
  state.serving_forever = until_stop;
  state.watch(state.listener, fd);
  state.watch(state.stop, until_stop ? state.server_loop->stop_fd() : -1);
  state.watch(state.wake, state.server_loop->wake_fd());
  const int ready = state.loops.front()->run_until_ready(deadline);
  if (ready == state.wake) state.server_loop->take_wake();
  const bool request_ready = fd >= 0 && ready == fd;
  // The owner of the server may close it before the next call.
  if (!until_stop) state.watch(state.listener, -1);
  return request_ready;
}

std::size_t FiberLoops::running() const noexcept {
  const ThreadLock lock(state_->mutex);
  return state_->running;
}

std::size_t FiberLoops::parked() const noexcept {
  const ThreadLock lock(state_->mutex);
  return state_->parked();
}

bool FiberLoops::has_room(std::size_t connections, std::size_t fibers) const noexcept {
  const ThreadLock lock(state_->mutex);
  const bool full = state_->running >= connections ||
                    (fibers != 0 && state_->running >= fibers + state_->parked());
  if (full) state_->room_wanted = true;
  return !full;
}

void FiberLoops::cut_waits() {
  const State& state = *state_;
  if (state.loops.empty() || !state.server_loop->stop_asked()) return;
  for (const auto& loop : state.loops) loop->cancel_waits(!state.server_loop->cancelled());
}

bool FiberLoops::wait_idle(Deadline deadline) {
  State& state = *state_;
  if (state.loops.empty()) return true;
  state.watch(state.listener, -1);
  state.watch(state.stop, -1);
  state.watch(state.wake, -1);
  const auto want_idle = [&state](bool wanted) {
    const ThreadLock lock(state.mutex);
    state.idle_wanted = wanted;
    return state.running == 0;
  };
  if (want_idle(true)) return true;
  do {
    state.loops.front()->run_until_ready(deadline);
  } while (running() > 0 && !deadline.expired());
  return want_idle(false);
}

// Connections that park

void FiberLoops::Loop::admit(Request& request, const Address& client_address) {
  request.set_waiter(waiter_);
  const bool has_input = request.socket().has_input();
  auto& connection = *new Connection(*this, request, client_address);
  if (has_input) return start(connection);
  const Duration patience = server_.options().limits.first_byte_timeout;
  connection.request.park(
      patience == Duration::zero() ? Deadline::never() : Deadline::after(patience), 0);
  if (!settle(connection)) start(connection);
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
    EngineAccess::end_request(server_, connection.request);
    return end(connection);
  }
  start(connection);
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
  // Only the serving thread asks for room: on that thread a look tells whether it has.
  if (most_fibers_ != 0 && (state_.room_wanted || !is_serving_threads()))
    state_.fiber_ended(server_);
}

/// Leaves it without a fiber until its next bytes; false when they are there already.
bool FiberLoops::Loop::settle(Connection& connection) noexcept {
  Request& request = connection.request;
  if (EngineAccess::loop(server_).stop_asked()) {
    EngineAccess::end_request(server_, request);
    end(connection);
    return true;
  }
  request.socket().mark_waited_for();
  const Tick until = tick_of(request.park_until());
  if (!scheduler_.sleep(request.fileno(), connection)) return false;
  connection.parked = true;
  count_parked(1);
  set_timer(connection, until);
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
