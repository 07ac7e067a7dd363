#include <socketserver/testing/wait.hpp>

#include <condition_variable>
#include <thread>
#include <utility>

#include <socketserver/base/error.hpp>

#include <socketserver/base/thread_mutex.hpp>

namespace socketserver::testing {

struct Event::State {
  explicit State(std::string event_name) : name(std::move(event_name)) {}

  const std::string name;
  detail::ThreadMutex mutex;
  std::condition_variable_any changed;
  int count SOCKETSERVER_GUARDED_BY(mutex) = 0;
};

Event::Event(std::string name) : state_(std::make_unique<State>(std::move(name))) {}

Event::~Event() = default;

void Event::set() {
  // Under the lock: a waiter that saw the last one may destroy the event.
  const detail::ThreadLock lock(state_->mutex);
  ++state_->count;
  state_->changed.notify_all();
}

int Event::count() const {
  const detail::ThreadLock lock(state_->mutex);
  return state_->count;
}

void Event::wait(int times) {
  if (wait_for(kPatience, times)) return;
  std::string action = "wait until " + state_->name;
  if (times > 1) {
    action += " (" + std::to_string(count()) + " of " + std::to_string(times) + " times)";
  }
  throw TimeoutError(action);
}

bool Event::wait_for(Duration span, int times) {
  const Deadline deadline = Deadline::after(span);
  const detail::ThreadLock lock(state_->mutex);
  while (state_->count < times) {
    if (deadline.expired()) return false;
    state_->changed.wait_for(state_->mutex, deadline.remaining());
  }
  return true;
}

void wait_until(std::string_view what, const std::function<bool()>& condition, Duration patience) {
  constexpr auto kLookAgain = std::chrono::milliseconds(1);
  const Deadline deadline = Deadline::after(patience);
  while (!condition()) {
    if (deadline.expired()) throw TimeoutError("wait until " + std::string(what));
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace socketserver::testing
