#include <socketserver/server/thread_name.hpp>

#include <unistd.h>

#include <atomic>

#include "server/thread_number.hpp"

namespace socketserver {
namespace {

constinit thread_local unsigned number = 0;

}  // namespace

void detail::forget_thread_name() noexcept {
  number = 0;
}

std::string current_thread_name() {
  static std::atomic<unsigned> threads_named{0};
  if (::getpid() == ::gettid()) return "MainThread";
  if (number == 0) number = ++threads_named;
  return "Thread-" + std::to_string(number);
}

}  // namespace socketserver
