#pragma once

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

namespace socketserver {

/// Sends SIGUSR1 to the constructing thread every `interval`, for a scope; no system call of that
/// thread is restarted. What must not notice signals is tested inside.
class SignalStorm {
 public:
  explicit SignalStorm(std::chrono::nanoseconds interval) {
    count_ = 0;
    struct sigaction action {};
    action.sa_handler = [](int) { count_ = count_ + 1; };
    ::sigaction(SIGUSR1, &action, &before_);

    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGUSR1;
    event._sigev_un._tid = ::gettid();
    if (::timer_create(CLOCK_MONOTONIC, &event, &timer_) < 0) {
      throw std::runtime_error("timer_create");
    }
    const timespec every{.tv_sec = 0, .tv_nsec = static_cast<long>(interval.count())};
    const itimerspec spec{.it_interval = every, .it_value = every};
    ::timer_settime(timer_, 0, &spec, nullptr);
  }

  ~SignalStorm() {
    ::timer_delete(timer_);
    ::sigaction(SIGUSR1, &before_, nullptr);
  }

  SignalStorm(const SignalStorm&) = delete;
  SignalStorm& operator=(const SignalStorm&) = delete;

  /// How many signals have come.
  static int count() { return count_; }

 private:
  static inline volatile sig_atomic_t count_ = 0;
  struct sigaction before_ {};
  timer_t timer_{};
};

}  // namespace socketserver
