#include <socketserver/server/worker_threads.hpp>

#include <chrono>
#include <condition_variable>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/base/thread_mutex.hpp>

#include "net/spare_buffer.hpp"
#include "server/engine_access.hpp"
#include "server/thread_number.hpp"
#include "server/thread_waiter.hpp"

namespace socketserver::detail {
namespace {

// How long a thread waits for another request before it ends: to start one costs a multiple of what
// most requests do.
constexpr Duration kLinger = std::chrono::seconds(1);

}  // namespace

struct WorkerThreads::State {
  struct Worker {
    Worker(Request&& its_request, const Address& its_client)
        : request(std::move(its_request)), client_address(its_client) {}

    std::thread thread;
    Request request;
    Address client_address;
    bool busy = true;
    std::condition_variable_any given;  // a request, or nothing any more
  };
  using Workers = std::list<Worker>;

  bool take_next(BaseServer& server, Workers::iterator self);
  bool wait_for_request(Workers::iterator self) SOCKETSERVER_REQUIRES(mutex);
  void end_lingering() SOCKETSERVER_REQUIRES(mutex);

  std::optional<ThreadWaiter> waiter;  // made with the first request

  mutable ThreadMutex mutex;
  std::condition_variable_any changed;
  Workers workers SOCKETSERVER_GUARDED_BY(mutex);
  std::size_t busy SOCKETSERVER_GUARDED_BY(mutex) = 0;
  bool room_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;
  bool ending SOCKETSERVER_GUARDED_BY(mutex) = false;  // nobody lingers

  // The last one to be free is the first to be busy again, so that the others can end. Has room for
  // all of them.
  std::vector<Workers::iterator> lingering SOCKETSERVER_GUARDED_BY(mutex);

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
  if (!state->lingering.empty()) {
    State::Worker& worker = *state->lingering.back();
    state->lingering.pop_back();
    worker.request = std::move(request);
    worker.client_address = client_address;
    worker.busy = true;
    ++state->busy;
    worker.given.notify_one();
    return;
  }
  state->lingering.reserve(state->workers.size() + 1);
  const auto self =
      state->workers.emplace(state->workers.end(), std::move(request), client_address);
  try {
    // The new thread reaches `take_next`, which needs the mutex, only after its record is complete.
    self->thread = std::thread([state, &server, self] {
      const SpareBuffer spare;
      do {
        EngineAccess::run_request(server, self->request, self->client_address);
        forget_thread_name();
      } while (state->take_next(server, self));
    });
  } catch (...) {
    request = std::move(self->request);
    state->workers.erase(self);
    throw;
  }
  ++state->busy;
}

/// Whether the thread has another request to serve; else it must end, and has no record any more.
bool WorkerThreads::State::take_next(BaseServer& server, Workers::iterator self) {
  std::thread before;
  {
    const ThreadLock lock(mutex);
    self->request = Request(Socket());
    self->busy = false;
    --busy;
    // Under the lock: without it the server may be gone.
    if (std::exchange(room_wanted, false)) EngineAccess::wake(server);
    changed.notify_all();
    if (wait_for_request(self)) return true;
    before = std::exchange(last_ended, std::move(self->thread));
    workers.erase(self);
    changed.notify_all();
  }
  if (before.joinable()) before.join();
  return false;
}

bool WorkerThreads::State::wait_for_request(Workers::iterator self) {
  if (ending) return false;
  lingering.push_back(self);
  const Deadline deadline = Deadline::after(kLinger);
  while (!self->busy && !ending && !deadline.expired()) {
    self->given.wait_for(mutex, deadline.remaining());
  }
  if (!self->busy) std::erase(lingering, self);
  return self->busy;
}

void WorkerThreads::State::end_lingering() {
  ending = true;
  for (const auto& worker : lingering) worker->given.notify_one();
  while (workers.size() > busy) changed.wait(mutex);
  ending = false;
}

void WorkerThreads::cut_waits() {
  if (state_->waiter) state_->waiter->cut_waits();
}

std::size_t WorkerThreads::running() const noexcept {
  const ThreadLock lock(state_->mutex);
  return state_->busy;
}

bool WorkerThreads::has_room(std::size_t most) const noexcept {
  const ThreadLock lock(state_->mutex);
  if (state_->busy < most) return true;
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
    while (state.busy > 0) {
      if (deadline.is_never()) {
        state.changed.wait(state.mutex);
      } else if (deadline.expired()) {
        return false;
      } else {
        state.changed.wait_for(state.mutex, deadline.remaining());
      }
    }
    state.end_lingering();
    last = std::exchange(state.last_ended, std::thread());
  }
  if (last.joinable()) last.join();
  return true;
}

}  // namespace socketserver::detail
