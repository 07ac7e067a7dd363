#include <socketserver/server/fiber_loops.hpp>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/base/flow.hpp>
#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/fiber/scheduler.hpp>

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

  bool cancelled() const noexcept override { return server_.cancelled(); }
  void forget(int fd) noexcept override { scheduler_.forget(fd); }

 private:
  Scheduler& scheduler_;
  ServerLoop& server_;
};

}  // namespace

/// One event loop, with the thread that runs it unless that is the serving one.
class FiberLoops::Loop {
 public:
  enum class Runs { on_serving_thread, on_own_thread };

  Loop(BaseServer& server, SchedulerOptions options, Runs runs)
      : scheduler_(std::move(options)), waiter_(scheduler_, EngineAccess::loop(server)) {
    if (runs == Runs::on_own_thread) thread_ = std::jthread([this] { run(); });
  }

  ~Loop() {
    if (!thread_.joinable()) return;
    // Notified from there: a notification from here may be taken before what was posted.
    scheduler_.post([this] {
      ending_ = true;
      scheduler_.notify();
    });
  }

  Scheduler& scheduler() noexcept { return scheduler_; }
  bool is_serving_threads() const noexcept { return !thread_.joinable(); }

  /// Makes the fiber of a request. Thread: the loop's.
  template <class Ended>
  void spawn(BaseServer& server, Request& request, const Address& client_address, Ended ended) {
    request.set_waiter(waiter_);
    scheduler_.spawn([&server, request = std::move(request), client_address, ended]() mutable {
      EngineAccess::run_request(server, request, client_address);
      ended();
    });
  }

  void cancel_waits(bool idle_only) {
    if (is_serving_threads()) return scheduler_.cancel_waits(idle_only);
    scheduler_.post([this, idle_only] { scheduler_.cancel_waits(idle_only); });
  }

 private:
  void run() {
    const SpareBuffer spare;
    while (!ending_) scheduler_.run_until_ready(Deadline::never());
  }

  Scheduler scheduler_;
  FiberWaiter waiter_;
  bool ending_ = false;  // written and read on the loop's thread
  std::jthread thread_;
};

struct FiberLoops::State {
  void make_loops(BaseServer& server);
  Scheduler& first() { return loops.front()->scheduler(); }
  void watch(int& watched, int fd);
  void hand_over(BaseServer& server, Request& request, const Address& client_address);
  void serve_now(BaseServer& server, Request& request, const Address& client_address);
  void begin();
  void end(BaseServer& server);

  ServerLoop* server_loop = nullptr;
  std::size_t next_loop = 0;
  bool serving_forever = false;

  // What the first loop watches; −1: not.
  int listener = -1;
  int stop = -1;
  int wake = -1;

  mutable ThreadMutex mutex;
  std::size_t running SOCKETSERVER_GUARDED_BY(mutex) = 0;
  bool room_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;
  bool idle_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;

  // Last, so that they end before what their fibers use.
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
  for (std::size_t i = 0; i < count; ++i) {
    SchedulerOptions scheduler{
        .stack_size = options.stack_size,
        .stall_limit = options.stall_limit,
        .name = "event loop " + std::to_string(i) + " of " + server.server_address().to_string(),
        .log = options.log};
    loops.push_back(
        std::make_unique<Loop>(server, std::move(scheduler),
                               i == 0 ? Loop::Runs::on_serving_thread : Loop::Runs::on_own_thread));
  }
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
  if (std::exchange(room_wanted, false)) EngineAccess::wake(server);
  if (running == 0 && idle_wanted) first().notify();
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
  if (loop.is_serving_threads()) {
    loop.spawn(server, request, client_address, [this, &server] { end(server); });
    return begin();
  }
  struct Job {
    Request request;
    Address client_address;
  };
  begin();
  auto job = std::make_shared<Job>(std::move(request), client_address);
  loop.scheduler().post([this, &loop, &server, job = std::move(job)] {
    try {
      loop.spawn(server, job->request, job->client_address, [this, &server] { end(server); });
    } catch (...) {
      EngineAccess::fail_request(server, job->request, job->client_address);
      end(server);
    }
  });
}

void FiberLoops::State::serve_now(BaseServer& server, Request& request,
                                  const Address& client_address) {
  bool ended = false;
  loops.front()->spawn(server, request, client_address, [this, &server, &ended] {
    end(server);
    ended = true;
    first().notify();
  });
  begin();
  while (!ended) first().run_until_ready(Deadline::never());
}

bool FiberLoops::wait_for_request(BaseServer& server, int fd, Deadline deadline, bool until_stop) {
  State& state = *state_;
  state.make_loops(server);
  state.serving_forever = until_stop;
  state.watch(state.listener, fd);
  state.watch(state.stop, until_stop ? state.server_loop->stop_fd() : -1);
  state.watch(state.wake, state.server_loop->wake_fd());
  const int ready = state.first().run_until_ready(deadline);
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

bool FiberLoops::has_room(std::size_t most) const noexcept {
  const ThreadLock lock(state_->mutex);
  state_->room_wanted = state_->running >= most;
  return !state_->room_wanted;
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
    state.first().run_until_ready(deadline);
  } while (running() > 0 && !deadline.expired());
  return want_idle(false);
}

}  // namespace socketserver::detail
