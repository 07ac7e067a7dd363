#pragma once

#include <time.h>

#include <chrono>

#include <socketserver/base/deadline.hpp>

namespace socketserver::testing {

/// Processor time that this thread takes while `action` runs: nearly none while it only waits.
template <class Action>
Duration cpu_time_of(Action action) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  };
  const Duration before = now();
  action();
  return now() - before;
}

}  // namespace socketserver::testing
