#include <socketserver/server/thread_pool.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <list>
#include <optional>
#include <thread>
#include <utility>

#include <socketserver/base/thread_mutex.hpp>

#include "net/spare_buffer.hpp"
#include "server/engine_access.hpp"
#include "server/thread_waiter.hpp"

namespace socketserver::detail {
namespace {

// Handing its place at work on and coming back costs more than a wait that ends so soon.
constexpr Duration kShortWait = std::chrono::milliseconds(10);

// How long a thread waits for another message before the connection parks.
constexpr Duration kBeforeParking = std::chrono::milliseconds(5);

/// The pool whose job this thread is at; null for all other threads. A function, as everything of a
/// thread that is looked at where a flow waits.
[[gnu::noinline]] const void*& pool_of_thread() noexcept {
  constinit thread_local const void* pool = nullptr;
  return pool;
}

}  // namespace

struct ThreadPool::State {
  struct Job {
    BaseServer* server;
    Request request;
    Address client_address;
  };
  using Threads = std::list<std::thread>;

  void start_thread() SOCKETSERVER_REQUIRES(mutex);
  void hand_on() noexcept SOCKETSERVER_REQUIRES(mutex);
  void serve(Threads::iterator self);
  std::optional<Job> next_job();
  bool end_job(BaseServer& server, Threads::iterator self);
  bool begin_wait() noexcept;
  void end_wait() noexcept;

  class ClientWaits;
  std::unique_ptr<ClientWaits> waiter;  // made with the first request

  mutable ThreadMutex mutex;
  std::condition_variable_any queued;  // or a place at work, or ending
  std::condition_variable_any served;
  std::deque<Job> queue SOCKETSERVER_GUARDED_BY(mutex);
  Threads threads SOCKETSERVER_GUARDED_BY(mutex);
  Bounds bounds SOCKETSERVER_GUARDED_BY(mutex){};
  std::size_t idle SOCKETSERVER_GUARDED_BY(mutex) = 0;     // threads without a job
  std::size_t at_work SOCKETSERVER_GUARDED_BY(mutex) = 0;  // threads whose job does not wait
  std::size_t jobs SOCKETSERVER_GUARDED_BY(mutex) = 0;     // queued, at work, and waiting
  std::size_t waiting SOCKETSERVER_GUARDED_BY(mutex) = 0;  // those that wait for their client
  bool ending SOCKETSERVER_GUARDED_BY(mutex) = false;
  bool thread_missing SOCKETSERVER_GUARDED_BY(mutex) = false;  // one could not be started
  bool room_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;
  BaseServer* server SOCKETSERVER_GUARDED_BY(mutex) = nullptr;  // of the jobs

  // A thread cannot join itself, so each joins the one that ended before it.
  std::thread last_ended SOCKETSERVER_GUARDED_BY(mutex);
};

/// How the connections of a pool wait: their thread gives its place at work to another one. A wait
/// for more than the client, such as for a script, is work.
class ThreadPool::State::ClientWaits final : public ThreadWaiter {
 public:
  ClientWaits(State& state, ServerLoop& loop) noexcept : ThreadWaiter(loop), state_(state) {}

  std::error_code wait(int fd, Interest interest, Deadline deadline, bool is_idle) override {
    const bool yields = deadline.remaining() > kShortWait && state_.begin_wait();
    const auto ec = ThreadWaiter::wait(fd, interest, deadline, is_idle);
    if (yields) state_.end_wait();
    return ec;
  }
  std::error_code wait_for_any(int fd, Deadline deadline) override {
    return ThreadWaiter::wait(fd, Interest::read, deadline, false);
  }
  bool begin_call(Call& call) noexcept override {
    if (!ThreadWaiter::begin_call(call)) return false;
    state_.begin_wait();
    return true;
  }
  void end_call(Call& call) noexcept override {
    ThreadWaiter::end_call(call);
    if (pool_of_thread() == &state_) state_.end_wait();
  }

 private:
  State& state_;
};

ThreadPool::ThreadPool() : state_(std::make_unique<State>()) {}

ThreadPool::~ThreadPool() {
  wait_idle(Deadline::never());
  end();
}

void ThreadPool::leave_to_parent() {
  auto own = std::make_unique<State>();
  // Not destroyed: threads that are not there can be neither ended nor joined.
  [[maybe_unused]] const State* const never_destroyed = state_.release();
  state_ = std::move(own);
}

void ThreadPool::submit(BaseServer& server, Request& request, const Address& client_address,
                        Bounds bounds) {
  State& state = *state_;
  const ThreadLock lock(state.mutex);
  state.bounds = bounds;
  state.server = &server;
  if (!state.waiter) {
    state.waiter = std::make_unique<State::ClientWaits>(state, EngineAccess::loop(server));
  }
  // With others there the request would only wait longer.
  if (state.threads.empty()) state.start_thread();
  request.set_waiter(*state.waiter);
  state.queue.push_back({&server, std::move(request), client_address});
  ++state.jobs;
  state.hand_on();
}

/// Starts a thread that has nothing to do yet.
void ThreadPool::State::start_thread() {
  const auto self = threads.emplace(threads.end());
  try {
    *self = std::thread([this, self] { serve(self); });
  } catch (...) {
    threads.erase(self);
    throw;
  }
  ++idle;
}

/// Sees to it that the first of the queue is served, if there is room for it at work.
void ThreadPool::State::hand_on() noexcept {
  if (queue.empty() || at_work >= bounds.at_work) return;
  const bool wanted = idle < queue.size() && idle + at_work < bounds.at_work;
  if (wanted && threads.size() < bounds.threads) {
    try {
      start_thread();
    } catch (const std::exception&) {
      // Then the request waits for one of the others, which may wait for clients that say nothing:
      // `has_room` tries again.
      thread_missing = true;
    }
  }
  queued.notify_one();
}

void ThreadPool::State::serve(Threads::iterator self) {
  const SpareBuffer spare;
  pool_of_thread() = this;
  while (auto job = next_job()) {
    BaseServer& its_server = *job->server;
    EngineAccess::run_request(its_server, job->request, job->client_address);
    job.reset();
    if (!end_job(its_server, self)) return;
  }
}

/// Waits for it; nothing when the thread is to end.
std::optional<ThreadPool::State::Job> ThreadPool::State::next_job() {
  const ThreadLock lock(mutex);
  while (!ending && (queue.empty() || at_work >= bounds.at_work)) queued.wait(mutex);
  if (queue.empty()) return std::nullopt;
  --idle;
  ++at_work;
  std::optional<Job> job(std::move(queue.front()));
  queue.pop_front();
  hand_on();
  return job;
}

/// False when the thread is one too many, and ends.
bool ThreadPool::State::end_job(BaseServer& its_server, Threads::iterator self) {
  std::thread before;
  {
    const ThreadLock lock(mutex);
    --jobs;
    --at_work;
    // Under the lock: without it the server may be gone.
    if (std::exchange(room_wanted, false)) EngineAccess::wake(its_server);
    if (jobs == 0) served.notify_all();
    if (idle < bounds.at_work) {
      ++idle;
      return true;
    }
    before = std::exchange(last_ended, std::move(*self));
    threads.erase(self);
    hand_on();
  }
  if (before.joinable()) before.join();
  return false;
}

/// Gives up the place at work; false when this thread has none, as one that a handler has started.
bool ThreadPool::State::begin_wait() noexcept {
  if (pool_of_thread() != this) return false;
  const ThreadLock lock(mutex);
  --at_work;
  ++waiting;
  if (std::exchange(room_wanted, false)) EngineAccess::wake(*server);
  hand_on();
  return true;
}

void ThreadPool::State::end_wait() noexcept {
  const ThreadLock lock(mutex);
  ++at_work;
  --waiting;
}

void ThreadPool::cut_waits() {
  if (state_->waiter) state_->waiter->cut_waits();
}

std::size_t ThreadPool::running() const noexcept {
  const ThreadLock lock(state_->mutex);
  return state_->jobs;
}

bool ThreadPool::has_room(std::size_t most) const noexcept {
  const ThreadLock lock(state_->mutex);
  if (std::exchange(state_->thread_missing, false)) state_->hand_on();
  if (state_->jobs < most) return true;
  state_->room_wanted = true;
  return false;
}

bool ThreadPool::has_workers(std::size_t most) const noexcept {
  const ThreadLock lock(state_->mutex);
  if (state_->jobs - state_->waiting < most) return true;
  state_->room_wanted = true;
  return false;
}

Duration ThreadPool::patience() const noexcept {
  const ThreadLock lock(state_->mutex);
  const bool others = state_->at_work < state_->bounds.at_work;
  return others && state_->queue.empty() ? kBeforeParking : Duration::zero();
}

bool ThreadPool::wait_idle(Deadline deadline) {
  std::thread last;
  {
    State& state = *state_;
    const ThreadLock lock(state.mutex);
    while (state.jobs != 0) {
      if (deadline.is_never()) {
        state.served.wait(state.mutex);
      } else if (deadline.expired()) {
        return false;
      } else {
        state.served.wait_for(state.mutex, deadline.remaining());
      }
    }
    last = std::exchange(state.last_ended, std::thread());
  }
  if (last.joinable()) last.join();
  return true;
}

void ThreadPool::end() {
  State::Threads threads;
  std::thread last;
  {
    const ThreadLock lock(state_->mutex);
    state_->ending = true;
    threads.swap(state_->threads);
    last = std::move(state_->last_ended);
    state_->queued.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  if (last.joinable()) last.join();
  const ThreadLock lock(state_->mutex);
  state_->ending = false;
  state_->idle = 0;
}

}  // namespace socketserver::detail
