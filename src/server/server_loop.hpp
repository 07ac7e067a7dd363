#pragma once

#include <atomic>
#include <cstdint>
#include <system_error>
#include <thread>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/net/waiter.hpp>

namespace socketserver::detail {

/// What the loop of a server waits for, and how it and everything that waits on its behalf is told
/// to stop.
///
/// The phases of a loop, as `shutdown` and `serve_forever` see them:
///
///     fresh ─── serve ───► running ── loop ends ──► draining ── reset ──► ended ─ serve ─► running
///     …
///       │ shutdown            │ shutdown                ▲ ▲
///       │                     └─► stopping ─ loop ends ─┘ │
///       └─► remembered ─ serve ───────────────────────────┘
///
/// It is also the Waiter of every connection: it knows when waiting is no longer wanted.
///
/// Thread safety: `wait_ready` and `wait_ready_or_stop` from the serving thread, the rest from any;
/// `ask_stop`, `force` and `wake` also from signal handlers.
class ServerLoop final : public Waiter {
 public:
  /// @param drain_grace  what a stop grants to flows that are not idle.
  explicit ServerLoop(Duration drain_grace);

  /// Enters the loop. False when a stop was remembered: the loop is over before it began.
  ///
  /// @throws std::logic_error when it is running already.
  bool enter();

  /// The loop has ended: whoever waits in `ask_stop_and_wait` goes on.
  void leave() noexcept;

  /// Everything that was asked to stop has done so; the loop may be entered again.
  void reset() noexcept;

  /// Asks the loop to stop, with the signal that asked or 0. Async-signal-safe.
  void ask_stop(int signal) noexcept;

  /// As `ask_stop`, then waits until the loop has ended, unless this thread is the loop's.
  void ask_stop_and_wait() noexcept;

  /// Tells every flow to stop, whatever the phase: idle ones now, the rest after the grace.
  void begin_stop() noexcept;

  /// Cancels every wait now.
  void force() noexcept;

  /// Makes `wait_ready` and `wait_ready_or_stop` return early once.
  void wake() noexcept;

  bool stop_asked() const noexcept;
  int stop_signal() const noexcept { return signal_.load(); }

  /// As `stop_signal`, which is 0 from then on.
  int take_signal() noexcept { return signal_.exchange(0); }

  Deadline stop_deadline() const noexcept;

  /// Waits for the listening descriptor, a wake-up or the deadline. A negative `fd` waits only for
  /// the other two. True when `fd` is ready.
  ///
  /// @throws OSError "poll".
  bool wait_ready(int fd, Deadline deadline) { return wait_ready(fd, -1, deadline); }

  /// As `wait_ready`, and for a stop.
  bool wait_ready_or_stop(int fd, Deadline deadline) {
    return wait_ready(fd, stop_event_.get(), deadline);
  }

  // Waiter: for the connections of this server
  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override;
  bool cancelled() const noexcept override;

 private:
  bool wait_ready(int fd, int stop_fd, Deadline deadline);

  enum class Phase : std::uint32_t { fresh, remembered, running, stopping, draining, ended };

  const Duration drain_grace_;
  const UniqueFd stop_event_;   // readable from the stop to the reset
  const UniqueFd force_event_;  // readable from the forced stop to the reset
  const UniqueFd wake_event_;
  std::atomic<Phase> phase_{Phase::fresh};
  std::atomic<std::uint32_t> loops_ended_{0};
  std::atomic<int> asking_{0};  // calls of ask_stop in progress
  std::atomic<std::thread::id> loop_thread_{};
  std::atomic<int> signal_{0};
  std::atomic<std::int64_t> stopped_at_{0};  // steady clock, in nanoseconds; 0: not
  std::atomic<bool> forced_{false};
};

}  // namespace socketserver::detail
