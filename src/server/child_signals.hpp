#pragma once

#include <pthread.h>
#include <signal.h>

namespace socketserver::detail {

/// Keeps every signal from this thread for a scope, as around a fork: the child must not run its
/// parent's handlers.
class BlockedSignals {
 public:
  BlockedSignals() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;
  ~BlockedSignals() { restore(); }

  /// Ends it before the scope does.
  void restore() const noexcept { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

/// Makes `signal` do what `handler` does, and returns what it did before. System calls go on after
/// it.
inline struct sigaction set_handler(int signal, void (*handler)(int)) noexcept {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  ::sigaction(signal, &action, &before);
  return before;
}

/// In a child process: `signal` means its parent, which handles it and then tells the child.
///
/// A terminal sends its signals to both, so the child has to pass over them; by a handler and not
/// by ignoring, which programs that it executes would inherit. SIGTERM is sent to the one that is
/// meant, and ends it.
inline void leave_signal_to_parent(int signal) noexcept {
  set_handler(
      signal, signal == SIGTERM ? SIG_DFL : +[](int) {});
}

/// Whether a StopOnSignals watches `signal`.
bool is_watched(int signal) noexcept;

/// In a child process: leaves the signals that a StopOnSignals of its parent watches.
void forget_watched_signals() noexcept;

}  // namespace socketserver::detail
