#include <socketserver/server/worker_threads.hpp>

#include <chrono>
#include <condition_variable>
#include <list>
#include <optional>
#include <thread>
#include <utility>

#include <socketserver/base/thread_mutex.hpp>

#include "net/spare_buffer.hpp"
#include "server/engine_access.hpp"
#include "server/thread_waiter.hpp"

namespace socketserver::detail {

struct WorkerThreads::State {
  struct Worker {
    std::thread thread;
    Request request;
    Address client_address;
  };
  using Workers = std::list<Worker>;

  void end(BaseServer& server, Workers::iterator self);

  std::optional<ThreadWaiter> waiter;  // made with the first request

  mutable ThreadMutex mutex;
  std::condition_variable_any changed;
  Workers workers SOCKETSERVER_GUARDED_BY(mutex);
  bool room_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;

  // A thread cannot join itself, so each joins the one that ended before it.
  std::thread last_ended SOCKETSERVER_GUARDED_BY(mutex);
};

WorkerThreads::WorkerThreads() : state_(std::make_unique<State>()) {}

WorkerThreads::~WorkerThreads() {
  wait_idle(Deadline::never());
}

void WorkerThreads::start(BaseServer& server, Request& request, const Address& client_address) {
  State* state = state_.get();
  const ThreadLock lock(state->mutex);
  if (!state->waiter) state->waiter.emplace(EngineAccess::loop(server));
  request.set_waiter(*state->waiter);
  const auto self = state->workers.insert(state->workers.end(),
                                          {std::thread(), std::move(request), client_address});
  try {
    // The new thread reaches `end`, which needs the mutex, only after its record is complete.
    self->thread = std::thread([state, &server, self] {
      const SpareBuffer spare;
      EngineAccess::run_request(server, self->request, self->client_address);
      state->end(server, self);
    });
  } catch (...) {
    request = std::move(self->request);
    state->workers.erase(self);
    throw;
  }
}

void WorkerThreads::State::end(BaseServer& server, Workers::iterator self) {
  std::thread before;
  {
    const ThreadLock lock(mutex);
    before = std::exchange(last_ended, std::move(self->thread));
    workers.erase(self);
    // Under the lock: without it the server may be gone.
    if (std::exchange(room_wanted, false)) EngineAccess::wake(server);
    changed.notify_all();
  }
  if (before.joinable()) before.join();
}

void WorkerThreads::cut_waits() {
  if (state_->waiter) state_->waiter->cut_waits();
}

std::size_t WorkerThreads::running() const noexcept {
  const ThreadLock lock(state_->mutex);
  return state_->workers.size();
}

bool WorkerThreads::has_room(std::size_t most) const noexcept {
  const ThreadLock lock(state_->mutex);
  if (state_->workers.size() < most) return true;
  state_->room_wanted = true;
  return false;
}

Duration WorkerThreads::patience() const noexcept {
  constexpr Duration kMoment = std::chrono::milliseconds(50);
  const ThreadLock lock(state_->mutex);
  return state_->room_wanted ? Duration::zero() : kMoment;
}

bool WorkerThreads::wait_idle(Deadline deadline) {
  std::thread last;
  {
    State& state = *state_;
    const ThreadLock lock(state.mutex);
    while (!state.workers.empty()) {
      if (deadline.is_never()) {
        state.changed.wait(state.mutex);
      } else if (deadline.expired()) {
        return false;
      } else {
        state.changed.wait_for(state.mutex, deadline.remaining());
      }
    }
    last = std::exchange(state.last_ended, std::thread());
  }
  if (last.joinable()) last.join();
  return true;
}

}  // namespace socketserver::detail
