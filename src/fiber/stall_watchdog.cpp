#include "fiber/stall_watchdog.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace socketserver::detail {
namespace {

// How often to look while a stall grows to its limit: the report is late by a quarter at most.
constexpr int kLooksPerLimit = 4;

struct Shared {
  ThreadMutex mutex;
  std::weak_ptr<StallWatchdog> watchdog SOCKETSERVER_GUARDED_BY(mutex);
  pid_t process SOCKETSERVER_GUARDED_BY(mutex) = 0;
};

/// A thread that no signal is delivered to: they are for the threads of the program.
template <class F>
std::thread start_quiet_thread(F&& f) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread thread(std::forward<F>(f));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
  } catch (...) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
}

}  // namespace

std::shared_ptr<StallWatchdog> StallWatchdog::shared() {
  static Shared shared;
  const ThreadLock lock(shared.mutex);
  auto watchdog = shared.watchdog.lock();
  // A child process has the parent's object but not its thread, for which it would wait in vain.
  if (!watchdog || shared.process != ::getpid()) {
    shared.process = ::getpid();
    watchdog = {new StallWatchdog, [process = shared.process](StallWatchdog* ended) {
                  if (process == ::getpid()) delete ended;
                }};
    shared.watchdog = watchdog;
  }
  return watchdog;
}

StallWatchdog::StallWatchdog() : thread_(start_quiet_thread([this] { run(); })) {}

StallWatchdog::~StallWatchdog() {
  {
    const ThreadLock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void StallWatchdog::look_after(const Pulse& pulse, Duration limit, std::string name, LogSink log) {
  const ThreadLock lock(mutex_);
  patients_.push_back({&pulse, limit, std::move(name), std::move(log)});
  changed_.notify_one();
}

void StallWatchdog::leave(const Pulse& pulse) noexcept {
  const ThreadLock lock(mutex_);
  patients_.remove_if([&](const Patient& patient) { return patient.pulse == &pulse; });
}

void StallWatchdog::run() {
  const ThreadLock lock(mutex_);
  while (!ending_) {
    if (patients_.empty()) {
      changed_.wait(mutex_);
    } else {
      look();
    }
  }
}

void StallWatchdog::look() {
  const auto now = Deadline::Clock::now();
  Duration pause = Duration::max();
  for (Patient& patient : patients_) {
    look_at(patient, now);
    pause = std::min(pause, patient.limit / kLooksPerLimit);
  }
  changed_.wait_for(mutex_, std::max<Duration>(pause, std::chrono::milliseconds(1)));
}

void StallWatchdog::look_at(Patient& patient, Deadline::Clock::time_point now) {
  const std::uint64_t beats = patient.pulse->beats();
  if (beats != patient.beats) {
    patient.beats = beats;
    patient.since = now;
    patient.reported = false;
  }
  const auto stalled = now - patient.since;
  const bool at_work = beats % 2 == 1;
  if (!at_work || patient.reported || stalled < patient.limit) return;
  const auto span = std::chrono::duration_cast<std::chrono::milliseconds>(stalled);
  try {
    patient.log(LogLevel::warning, patient.name + " is blocked: it has not looked for events for " +
                                       std::to_string(span.count()) + " ms");
    patient.reported = true;
  } catch (...) {
    // Memory may be what the loop lacks, too. The next look tries again.
  }
}

}  // namespace socketserver::detail
