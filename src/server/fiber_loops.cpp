#include <socketserver/server/fiber_loops.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/fiber_connections.hpp"

namespace socketserver::detail {

FiberLoops::FiberLoops() : state_(std::make_unique<State>()) {}
FiberLoops::~FiberLoops() = default;

void FiberLoops::leave_to_parent() {
  auto own = std::make_unique<State>();
  // Not destroyed: what its loops wait for is shared with the parent's.
  [[maybe_unused]] const State* const never_destroyed = state_.release();
  state_ = std::move(own);
}

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
  struct Job {
    Request request;
    Address client_address;
  };
  std::shared_ptr<Job> job;
  begin();
  try {
    if (loop.is_serving_threads()) return take(loop, server, request, client_address);
    job = std::make_shared<Job>(std::move(request), client_address);
    loop.scheduler().post([this, &loop, &server, job] {
      try {
        take(loop, server, job->request, job->client_address);
      } catch (...) {
        EngineAccess::fail_request(server, job->request, job->client_address);
        end(server);
      }
    });
  } catch (...) {
    if (job) request = std::move(job->request);
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
  while (!ended) {
    if (loops.front()->run_until_ready(Deadline::never()) == wake) server_loop->take_wake();
  }
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

}  // namespace socketserver::detail
