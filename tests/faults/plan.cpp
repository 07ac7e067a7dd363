#include "tests/faults/plan.hpp"

#include <cstring>

namespace socketserver::faults {

std::string_view name_of(Call call) noexcept {
  constexpr std::array<std::string_view, kCalls> kNames = {
      "accept4",        "bind",       "chmod",        "close",      "connect",  "epoll_create1",
      "epoll_ctl",      "epoll_wait", "eventfd",      "fchmod",     "fcntl",    "fork",
      "fstat",          "fsync",      "getsockname",  "getsockopt", "linkat",   "listen",
      "lstat",          "madvise",    "mkdirat",      "mmap",       "mprotect", "open",
      "openat",         "opendir",    "operator new", "pidfd_open", "poll",     "pread",
      "pthread_create", "pwrite",     "recv",         "recvfrom",   "recvmsg",  "renameat",
      "renameat2",      "send",       "sendfile",     "sendmsg",    "sendto",   "setsockopt",
      "shutdown",       "socket",     "unlink",       "waitid",     "writev"};
  return kNames[static_cast<std::size_t>(call)];
}

Plan failing(const Calls& calls, int error, unsigned n, unsigned times) {
  return {.calls = calls, .error = error, .first = n, .last = n + times - 1};
}

std::string Plan::text() const {
  std::string text;
  for (std::size_t i = 0; i < kCalls; ++i) {
    const auto call = static_cast<Call>(i);
    if (!calls.contains(call)) continue;
    if (!text.empty()) text += ", ";
    text += name_of(call);
  }
  if (error != 0) text += std::string(" fail with ") + ::strerrorname_np(error);
  if (most != kAnySize) text += " move " + std::to_string(most) + " bytes at most";
  text += ", from call " + std::to_string(first);
  if (last != kNoEnd) text += " to " + std::to_string(last);
  if (every != 1) text += ", each " + std::to_string(every);
  return text;
}

}  // namespace socketserver::faults
