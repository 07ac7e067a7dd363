#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
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
/// Thread safety: `wait_ready` from the serving thread, the rest from any;
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

  /// Says that a running loop is about to stop, and has it stop by itself after `delay`. False when
  /// it does not run or knows already. Async-signal-safe.
  bool announce_stop(int signal, Duration delay) noexcept;

  /// Says that whoever the loop belongs to is about to stop, and nothing else.
  void announce_stop() noexcept { shared_->announced = true; }

  /// As `ask_stop`, then waits until the loop has ended, unless this thread is the loop's.
  void ask_stop_and_wait() noexcept;

  /// Tells every flow to stop, whatever the phase: idle ones now, the rest after the grace.
  void begin_stop() noexcept;

  /// Cancels every wait now.
  void force() noexcept;

  /// Says that the stop is no end of service: others go on with it, so it is in no hurry.
  void hand_over() noexcept { shared_->hands_over = true; }

  /// How long clients that have connected just now may still ask when the server stops.
  Duration moment_of_the_fresh() const noexcept {
    return std::chrono::milliseconds(shared_->hands_over ? 500 : 50);
  }

  bool hands_over() const noexcept { return shared_->hands_over; }

  /// Keeps for others whether the server has no room at this moment.
  void note_full(bool full) noexcept {
    if (shared_->full.load(std::memory_order_relaxed) != full) shared_->full = full;
  }
  bool is_full() const noexcept { return shared_->full; }

  /// Makes `wait_ready` return early once.
  void wake() noexcept;

  /// Whether it serves and nobody has asked it to stop.
  bool is_running() const noexcept { return shared_->phase == Phase::running && !stop_asked(); }

  bool stop_asked() const noexcept {
    const Phase phase = shared_->phase;
    return phase == Phase::stopping || phase == Phase::remembered || shared_->stopped_at != 0;
  }

  /// Whether a stop was announced or asked.
  bool stop_announced() const noexcept { return shared_->announced || stop_asked(); }

  /// As `stop_asked`; asks for what was announced when its time has come. Thread: serving.
  bool stop_is_due() noexcept;

  /// When the stop that was announced is due; never when none was.
  Deadline due_stop() const noexcept;

  bool forced() const noexcept { return shared_->forced; }
  int stop_signal() const noexcept { return shared_->signal.load(); }

  /// As `stop_signal`, which is 0 from then on.
  int take_signal() noexcept { return shared_->signal.exchange(0); }

  Deadline stop_deadline() const noexcept;

  /// Waits for the listening descriptor, a wake-up, the deadline, and with `until_stop` for a stop.
  /// A negative `fd` is not waited for; `also` ends the wait when it is readable. True when `fd` is
  /// ready.
  ///
  /// @throws OSError "poll".
  bool wait_ready(int fd, bool until_stop, Deadline deadline, int also = -1);

  /// Has `wait_ready` also end when `fd` is readable; −1: nothing more. Thread: serving.
  void watch_parking(int fd) noexcept { parking_fd_ = fd; }

  /// Readable from the stop to the reset, and from `wake` to `take_wake`: for a loop that waits in
  /// a way of its own.
  int stop_fd() const noexcept { return stop_event_.get(); }
  int wake_fd() const noexcept { return wake_event_.get(); }
  void take_wake() noexcept;

  // Waiter: for the connections of this server
  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override;
  bool cancelled() const noexcept override {
    return shared_->stopped_at != 0 && (shared_->forced || stop_deadline().expired());
  }

 private:
  enum class Phase : std::uint32_t { fresh, remembered, running, stopping, draining, ended };

  /// What a child process shares with the process that forked it, as it shares the events: a stop
  /// reaches the handlers of both, whoever asks for it.
  struct Shared {
    std::atomic<Phase> phase{Phase::fresh};
    std::atomic<int> asking{0};  // calls of ask_stop in progress
    std::atomic<int> signal{0};
    std::atomic<std::int64_t> stopped_at{0};  // steady clock, in nanoseconds; 0: not
    std::atomic<bool> forced{false};
    std::atomic<bool> announced{false};
    std::atomic<std::int64_t> due_at{0};  // as `stopped_at`: when what was announced is to happen
    std::atomic<bool> full{false};
    std::atomic<bool> hands_over{false};
  };
  struct Unmap {
    void operator()(Shared* shared) const noexcept;
  };
  static std::unique_ptr<Shared, Unmap> map_shared();

  const Duration drain_grace_;
  const UniqueFd stop_event_;   // readable from the stop to the reset
  const UniqueFd force_event_;  // readable from the forced stop to the reset
  const UniqueFd wake_event_;
  const std::unique_ptr<Shared, Unmap> shared_;
  int parking_fd_ = -1;
  std::atomic<std::uint32_t> loops_ended_{0};
  std::atomic<std::thread::id> loop_thread_{};
  std::atomic<int> loop_process_{0};  // a child process has its thread's id, but not its loop
};

}  // namespace socketserver::detail
