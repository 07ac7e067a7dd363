#include <socketserver/server/thread_pool.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <socketserver/base/thread_mutex.hpp>

#include "net/spare_buffer.hpp"
#include "server/engine_access.hpp"
#include "server/thread_waiter.hpp"

namespace socketserver::detail {

struct ThreadPool::State {
  struct Job {
    BaseServer* server;
    Request request;
    Address client_address;
  };

  void serve();

  std::optional<ThreadWaiter> waiter;  // made with the first request

  mutable ThreadMutex mutex;
  std::condition_variable_any queued;  // or ending
  std::condition_variable_any served;
  std::deque<Job> queue SOCKETSERVER_GUARDED_BY(mutex);
  std::vector<std::thread> threads SOCKETSERVER_GUARDED_BY(mutex);
  std::size_t idle SOCKETSERVER_GUARDED_BY(mutex) = 0;  // threads
  std::size_t jobs SOCKETSERVER_GUARDED_BY(mutex) = 0;  // queued and being served
  bool ending SOCKETSERVER_GUARDED_BY(mutex) = false;
  bool room_wanted SOCKETSERVER_GUARDED_BY(mutex) = false;
};

ThreadPool::ThreadPool() : state_(std::make_unique<State>()) {}

ThreadPool::~ThreadPool() {
  wait_idle(Deadline::never());
  end();
}

void ThreadPool::submit(BaseServer& server, Request& request, const Address& client_address,
                        std::size_t threads) {
  State& state = *state_;
  const ThreadLock lock(state.mutex);
  if (!state.waiter) state.waiter.emplace(EngineAccess::loop(server));
  request.set_waiter(*state.waiter);
  if (state.idle <= state.queue.size() && state.threads.size() < threads) {
    try {
      state.threads.emplace_back([&state] { state.serve(); });
    } catch (const std::system_error&) {
      // With others at work the request only waits longer.
      if (state.threads.empty()) throw;
    }
  }
  state.queue.push_back({&server, std::move(request), client_address});
  ++state.jobs;
  state.queued.notify_one();
}

void ThreadPool::State::serve() {
  const SpareBuffer spare;
  for (;;) {
    std::optional<Job> job;
    {
      const ThreadLock lock(mutex);
      ++idle;
      while (queue.empty() && !ending) queued.wait(mutex);
      --idle;
      if (queue.empty()) return;
      job.emplace(std::move(queue.front()));
      queue.pop_front();
    }
    BaseServer& server = *job->server;
    EngineAccess::run_request(server, job->request, job->client_address);
    job.reset();
    const ThreadLock lock(mutex);
    --jobs;
    // Under the lock: without it the server may be gone.
    if (std::exchange(room_wanted, false)) EngineAccess::wake(server);
    if (jobs == 0) served.notify_all();
  }
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
  state_->room_wanted = state_->jobs >= most;
  return !state_->room_wanted;
}

Duration ThreadPool::patience(std::size_t threads) const noexcept {
  constexpr Duration kMoment = std::chrono::milliseconds(5);
  const ThreadLock lock(state_->mutex);
  const bool others = state_->idle > 0 || state_->threads.size() < threads;
  return others && state_->queue.empty() ? kMoment : Duration::zero();
}

bool ThreadPool::wait_idle(Deadline deadline) {
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
  return true;
}

void ThreadPool::end() {
  std::vector<std::thread> threads;
  {
    const ThreadLock lock(state_->mutex);
    state_->ending = true;
    threads.swap(state_->threads);
    state_->queued.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  const ThreadLock lock(state_->mutex);
  state_->ending = false;
}

}  // namespace socketserver::detail
