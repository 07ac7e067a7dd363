#include <socketserver/server/worker_threads.hpp>

#include <unistd.h>

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
    std::thread thread;
    Request request = Request(Socket());
    Address client_address;
    bool busy = true;
    bool dismissed = false;             // need not wait for another request
    std::condition_variable_any given;  // a request, or leave
  };
  using Workers = std::list<Worker>;

  bool take_next(BaseServer& server, Workers::iterator self);
  bool wait_for_request(Workers::iterator self) SOCKETSERVER_REQUIRES(mutex);
  void dismiss_free() noexcept SOCKETSERVER_REQUIRES(mutex);

  /// False in a child process, where all that is here stands for threads of the parent.
  bool has_threads() const noexcept { return process == ::getpid(); }

  /// In a child process lets go of it: threads that are not there can be neither ended nor joined.
  static void leave_to_parent(std::unique_ptr<State>& state) noexcept {
    if (state->has_threads()) return;
    [[maybe_unused]] const State* const never_destroyed = state.release();
  }

  const pid_t process = ::getpid();
  std::optional<ThreadWaiter> waiter;  // made with the first request

  mutable ThreadMutex mutex;
  std::condition_variable_any changed;
  Workers workers SOCKETSERVER_GUARDED_BY(mutex);
  std::size_t busy SOCKETSERVER_GUARDED_BY(mutex) = 0;
  bool room_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;

  // The last one to be free is the first to be busy again, so that the others can end. Has room for
  // all of them.
  std::vector<Workers::iterator> free SOCKETSERVER_GUARDED_BY(mutex);

  // A thread cannot join itself, so each joins the one that ended before it.
  std::thread last_ended SOCKETSERVER_GUARDED_BY(mutex);
};

WorkerThreads::WorkerThreads() : state_(std::make_unique<State>()) {}

WorkerThreads::~WorkerThreads() {
  wait_idle(Deadline::never());
  State::leave_to_parent(state_);
}

void WorkerThreads::leave_to_parent() {
  State::leave_to_parent(state_);
  if (!state_) state_ = std::make_unique<State>();
}

void WorkerThreads::start(BaseServer& server, Request& request, const Address& client_address) {
  leave_to_parent();
  State* state = state_.get();
  const ThreadLock lock(state->mutex);
  if (!state->waiter) state->waiter.emplace(EngineAccess::loop(server));
  request.set_waiter(*state->waiter);
  if (!state->free.empty()) {
    State::Worker& worker = *state->free.back();
    state->free.pop_back();
    worker.request = std::move(request);
    worker.client_address = client_address;
    worker.busy = true;
    ++state->busy;
    worker.given.notify_one();
    return;
  }
  state->free.reserve(state->workers.size() + 1);
  const auto self = state->workers.emplace(state->workers.end());
  self->request = std::move(request);
  self->client_address = client_address;
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
    // Of the server while this one counts as busy: afterwards it may be gone.
    const bool more_may_come = EngineAccess::loop(server).is_running();
    if (std::exchange(room_wanted, false)) EngineAccess::wake(server);
    self->request = Request(Socket());
    self->busy = false;
    --busy;
    changed.notify_all();
    if (more_may_come && wait_for_request(self)) return true;
    before = std::exchange(last_ended, std::move(self->thread));
    workers.erase(self);
    changed.notify_all();
  }
  if (before.joinable()) before.join();
  return false;
}

bool WorkerThreads::State::wait_for_request(Workers::iterator self) {
  free.push_back(self);
  const Deadline deadline = Deadline::after(kLinger);
  while (!self->busy && !self->dismissed && !deadline.expired()) {
    self->given.wait_for(mutex, deadline.remaining());
  }
  if (!self->busy) std::erase(free, self);
  return self->busy;
}

void WorkerThreads::State::dismiss_free() noexcept {
  for (const auto& worker : free) {
    worker->dismissed = true;
    worker->given.notify_one();
  }
  free.clear();
}

void WorkerThreads::cut_waits() {
  if (!state_->has_threads()) return;
  if (state_->waiter) state_->waiter->cut_waits();
  const ThreadLock lock(state_->mutex);
  state_->dismiss_free();
}

std::size_t WorkerThreads::running() const noexcept {
  if (!state_->has_threads()) return 0;
  const ThreadLock lock(state_->mutex);
  return state_->workers.size();
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
  if (!state_->has_threads()) return true;
  std::thread last;
  {
    State& state = *state_;
    const ThreadLock lock(state.mutex);
    for (;;) {
      state.dismiss_free();
      if (state.workers.empty()) break;
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
