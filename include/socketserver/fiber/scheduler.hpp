#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/log.hpp>
#include <socketserver/net/waiter.hpp>

namespace socketserver {

namespace detail {
class Fiber;
class FiberLoop;
}  // namespace detail

/// How a Scheduler is set up.
struct SchedulerOptions {
  /// Address space for the stack of one fiber with its guard page, in bytes; rounded up to whole
  /// pages, at least 16 KiB. Only pages that were touched cost memory. Raise it for handlers that
  /// recurse deeply or keep large arrays on the stack: beyond the end is a guard page, and touching
  /// it ends the process with SIGSEGV. (A frame larger than a page can jump over it, unless it was
  /// compiled with -fstack-clash-protection.)
  std::size_t stack_size = std::size_t{128} * 1024;

  /// From the moment a loop last looked for events: a loop that has not done so again for this long
  /// is reported once, as a warning. Something blocks it then, and with it every other fiber.
  /// 0: nobody looks.
  Duration stall_limit = Duration::zero();

  /// What the report calls this loop.
  std::string name = "fiber loop";

  /// Where the report goes. Called from the helper thread that looks.
  LogSink log = stderr_log();
};

/// Runs fibers, which are cheap flows of control, on one thread, and lets each wait for
/// descriptors, deadlines and other flows in blocking style.
///
/// A fiber runs until it waits; then the next one runs. When none can, the thread sleeps in
/// epoll_wait(2). A fiber that never waits is not interrupted: long computations call `yield`.
///
/// For the caller: spawn fibers, then call `run_until_ready`. `Flow::current()` inside a fiber is
/// that fiber, so whatever parks a flow (Mutex, sleep_for, offload) works there.
/// Thread safety: `post` and `notify` from any thread; everything else only from the loop's thread,
/// which is the one that calls `spawn` and `run_until_ready`. It may be another one only while no
/// fiber is alive. Fibers never move to another thread.
/// Lifetime: the destructor cancels every `wait`, also future ones, and runs the fibers until the
/// last one has ended, like the join of a thread; functions that were posted and have not run by
/// then are destroyed. Requires there: the loop's thread, and not one of its fibers.
///
/// ```cpp
/// Scheduler scheduler;
/// scheduler.spawn([&] { scheduler.wait(fd, Interest::read, Deadline::never(), true); });
/// scheduler.watch(listener);
/// while (scheduler.run_until_ready(Deadline::never()) == listener) accept_one();
/// ```
class Scheduler {
 public:
  /// @throws OSError "epoll_create1" or "eventfd"; std::invalid_argument for a stack too small.
  explicit Scheduler(SchedulerOptions options = {});
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Fibers

  /// Starts a fiber that runs `f()` after those that are ready already. `f` is moved or copied onto
  /// the stack of the fiber and destroyed there. It must not throw: that ends the process, as it
  /// does in a thread. The fiber begins without errno and without exceptions in flight.
  ///
  /// @throws OSError "mmap fiber stacks" when there is no memory for one more; what the copy of
  ///         `f` throws.
  template <class F>
  void spawn(F&& f) {
    using Closure = std::decay_t<F>;
    static_assert(std::is_invocable_v<Closure&>);
    static_assert(sizeof(Closure) <= 1024 && alignof(Closure) <= 64,
                  "the closure lies in the first page of the fiber's stack: capture less");
    const Unborn unborn = conceive(sizeof(Closure), alignof(Closure));
    try {
      ::new (unborn.closure) Closure(std::forward<F>(f));
    } catch (...) {
      abandon(unborn);
      throw;
    }
    start(unborn, [](void* place) noexcept {
      Closure& closure = *static_cast<Closure*>(place);
      closure();
      std::destroy_at(&closure);
    });
  }

  /// Has the loop look for events, and lets the other fibers that are ready run first.
  ///
  /// @throws std::logic_error when not called by a fiber of this loop.
  void yield();

  /// Fibers that have been spawned and have not ended.
  std::size_t fibers() const noexcept;

  // Waiting for descriptors, for fibers

  /// Parks the current fiber until `fd` is ready for `interest` or has failed, as `Waiter::wait`
  /// does. It may also return for no reason; the caller tries its operation again either way. So
  /// `fd` should not block, or be used with MSG_DONTWAIT.
  ///
  /// Each descriptor may have one fiber that waits to read and one that waits to write. It is made
  /// known to the kernel by its first wait and must be forgotten before it is closed.
  ///
  /// @param idle  the flow has nothing half-done, see `cancel_waits`.
  /// @return `std::errc::timed_out` when the deadline passed, never before and seldom more than a
  ///         millisecond after; `std::errc::operation_canceled` after `cancel_waits` and in the
  ///         destructor; `std::errc::bad_file_descriptor` when somebody forgot `fd` meanwhile;
  ///         what epoll_ctl(2) reports otherwise.
  /// @throws std::logic_error when not called by a fiber of this loop, when a second fiber waits
  ///         for the same thing, or when `fd` is watched.
  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle);

  /// Something that waits for a descriptor without a fiber, and costs nothing but itself meanwhile.
  class Sleeper {
   public:
    /// Why a fiber that slept runs again.
    enum class Reason {
      readable,
      ended,      ///< The peer sends nothing more, or the descriptor has failed.
      cancelled,  ///< See `cancel_waits`.
    };

    /// Called once for each `sleep`, on the loop's thread outside fibers; may spawn, and must not
    /// block.
    virtual void wake(Reason reason) noexcept = 0;

   protected:
    ~Sleeper() = default;
  };

  /// Wakes `sleeper` when `fd` is readable or has failed, unless that is so already: then returns
  /// false, and wakes nobody. Also false in the destructor of the scheduler, and where epoll_ctl(2)
  /// fails: the operation on `fd` then tells. A descriptor that was waited for before costs no
  /// system call.
  ///
  /// Thread: the loop's, in a fiber or outside. `sleeper` is borrowed until it was woken or `fd`
  /// forgotten.
  /// @throws std::logic_error when something waits to read from `fd` already, or it is watched.
  bool sleep(int fd, Sleeper& sleeper);

  /// `fd` is about to be closed: its number may name something else soon. Ends waits for it; a
  /// sleeper is forgotten, not woken.
  void forget(int fd) noexcept;

  /// Ends waits for descriptors with `std::errc::operation_canceled`: those that are idle, or all
  /// that are under way, and wakes all sleepers, which are idle. Later ones are not affected.
  void cancel_waits(bool idle_only) noexcept;

  // The loop, for its thread outside fibers

  /// Watches a descriptor that is no fiber's business, such as a listener, for reading. It goes on
  /// being reported as long as it is readable.
  ///
  /// @throws OSError "watch descriptor 7"; std::logic_error when it is watched or waited for.
  void watch(int fd);

  /// Ends watching `fd`; before it is closed. Not watched: nothing happens.
  void unwatch(int fd) noexcept;

  /// Runs fibers, and what was posted, until there is something for the caller.
  ///
  /// Watched descriptors that are readable at the same time are returned one per call, in turn. A
  /// deadline that has passed already still lets some of the ready fibers run and looks for events.
  ///
  /// @return a watched descriptor that was readable when last looked at; −1 when the deadline
  ///         passed or `notify` was called.
  /// @throws std::logic_error when called by a fiber or a posted function of this loop, or from
  ///         another thread while fibers are alive; OSError "epoll_wait".
  int run_until_ready(Deadline deadline);

  // For other threads

  /// Runs `f` soon on the loop's thread, outside fibers; `f` may spawn, must not block and must not
  /// throw (that ends the process). Functions from one thread run in the order they were posted.
  /// Nothing runs while nobody is in `run_until_ready`.
  void post(std::function<void()> f);

  /// Makes `run_until_ready` return −1: the one under way or else the next. Calls before that count
  /// as one. Async-signal-safe.
  void notify() noexcept;

 private:
  // A stack with a control block and room for the closure, but no closure yet.
  struct Unborn {
    detail::Fiber* fiber;
    void* closure;
  };
  using Body = void (*)(void* closure) noexcept;

  Unborn conceive(std::size_t closure_size, std::size_t closure_alignment);
  void start(Unborn unborn, Body body) noexcept;
  void abandon(Unborn unborn) noexcept;

  const std::unique_ptr<detail::FiberLoop> loop_;
};

}  // namespace socketserver
