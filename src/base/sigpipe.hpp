#pragma once

#include <signal.h>

#include <cerrno>
#include <ctime>

namespace socketserver::detail {

/// Keeps a SIGPIPE that this thread's system calls raise from reaching anybody, for a scope.
///
/// For the calls that, unlike send(2), cannot be told MSG_NOSIGNAL. The process's handling of the
/// signal is not touched; a SIGPIPE that was pending before stays pending.
class SigpipeBlock {
 public:
  SigpipeBlock() noexcept {
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::sigemptyset(&sigpipe_);
    ::sigaddset(&sigpipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &sigpipe_, &before_);
  }

  ~SigpipeBlock() {
    const int saved_errno = errno;
    if (!was_pending_) {
      const timespec no_wait{};
      while (::sigtimedwait(&sigpipe_, nullptr, &no_wait) < 0 && errno == EINTR) {
      }
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    errno = saved_errno;
  }

  SigpipeBlock(const SigpipeBlock&) = delete;
  SigpipeBlock& operator=(const SigpipeBlock&) = delete;

 private:
  sigset_t sigpipe_;
  sigset_t before_;
  bool was_pending_ = false;
};

}  // namespace socketserver::detail
