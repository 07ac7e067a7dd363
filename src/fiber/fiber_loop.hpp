#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/fiber/scheduler.hpp>
#include <socketserver/net/waiter.hpp>

#include "base/timer_wheel.hpp"
#include "fiber/context.hpp"
#include "fiber/fiber.hpp"
#include "fiber/inbox.hpp"
#include "fiber/poller.hpp"
#include "fiber/stack_pool.hpp"
#include "fiber/stall_watchdog.hpp"

namespace socketserver::detail {

/// The engine inside a Scheduler; the contracts of the functions that are named alike are there.
///
/// One turn: resume some of the fibers that are ready, look for events, let deadlines pass. Fibers
/// are only ever resumed from here, never by one another: it costs one switch more and leaves one
/// place that decides.
class FiberLoop {
 public:
  explicit FiberLoop(SchedulerOptions options);
  FiberLoop(const FiberLoop&) = delete;
  FiberLoop& operator=(const FiberLoop&) = delete;
  ~FiberLoop();

  // For Scheduler

  /// A fiber that is not started yet, with room for its closure.
  Fiber& conceive(std::size_t closure_size, std::size_t closure_alignment);
  void start(Fiber& fiber, Fiber::Body body) noexcept;
  void abandon(Fiber& fiber) noexcept;
  std::size_t fibers() const noexcept { return fibers_; }

  void yield();
  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle);
  bool sleep(int fd, Scheduler::Sleeper& sleeper);
  void forget(int fd) noexcept;
  void cancel_waits(bool idle_only) noexcept;

  void watch(int fd);
  void unwatch(int fd) noexcept;
  int run_until_ready(Deadline deadline);

  void post(std::function<void()> function) { inbox_.post(std::move(function)); }
  void notify() noexcept { inbox_.notify(); }

  // For Fiber

  bool park(Fiber& fiber, Deadline deadline) noexcept;
  void unpark(Fiber& fiber) noexcept;

  /// The last thing that a fiber does.
  [[noreturn]] void end(Fiber& fiber) noexcept;

 private:
  class Visit;

  void claim_thread(const char* action);
  Fiber& running_fiber(const char* action) const;

  Wakeup suspend(Fiber& fiber, Fiber::State state, Deadline deadline) noexcept;
  void wake(Fiber& fiber, Wakeup wakeup) noexcept;
  void wake_waiter(int fd, Interest interest, Wakeup wakeup) noexcept;
  void wake_sleeper(Poller::Descriptor& descriptor, Scheduler::Sleeper::Reason reason) noexcept;
  void grant_permit(Fiber& fiber) noexcept;

  void resume_ready() noexcept;
  void retire(Fiber& fiber) noexcept;

  void turn(Tick until);
  int sleep_limit(Tick until) const noexcept;
  void unwatch_all() noexcept;
  void take_event(int fd, unsigned events) noexcept;
  void take_edge(int fd, Poller::Descriptor& descriptor, Interest interest) noexcept;
  void take_inbox() noexcept;
  void deliver_unparks() noexcept;
  void expire_timers(Tick now) noexcept;
  int take_readable() noexcept;

  Context main_;  // of whoever called run_until_ready
  Fiber* running_ = nullptr;
  FiberQueue ready_;
  FiberQueue yielded_;  // go on when there has been a look for events
  std::size_t fibers_ = 0;
  bool visited_ = false;  // somebody is in run_until_ready
  bool closing_ = false;  // the destructor runs: nobody waits for descriptors any more
  std::size_t watches_ = 0;

  StackPool stacks_;
  TimerWheel timers_;
  TimerWheel::Timer reap_timer_;
  Inbox inbox_;
  Poller poller_;
  std::vector<int>
      readable_;  // watched descriptors to be returned, the next one last; has room for all

  std::atomic<std::thread::id> thread_;
  Pulse pulse_;
  std::shared_ptr<StallWatchdog> watchdog_;
};

}  // namespace socketserver::detail
