#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/flow.hpp>
#include <socketserver/net/waiter.hpp>

#include "base/timer_wheel.hpp"
#include "fiber/context.hpp"
#include "fiber/stack_pool.hpp"

namespace socketserver::detail {

class FiberLoop;

/// What ended a fiber's wait.
enum class Wakeup : std::uint8_t { ready, timed_out, cancelled, forgotten };

/// The control block of one fiber. It lies at the top of the fiber's own stack, in the page that
/// the first frames touch anyway, so that a parked fiber costs that page and nothing else.
///
/// Thread: the loop's, but for `unpark`.
class Fiber final : public Flow, public Context, public TimerWheel::Timer {
 public:
  using Body = void (*)(void* closure) noexcept;

  /// `runnable` until it parks, in a queue or not.
  enum class State : std::uint8_t { runnable, parked, waiting, ended };

  Fiber(FiberLoop& its_loop, const StackPool::Stack& its_stack) noexcept
      : loop(its_loop), stack(its_stack) {}
  virtual ~Fiber() = default;  // final, so never by way of a base; the linter cannot tell

  // Flow
  bool park(Deadline deadline) override;
  void unpark() noexcept override;

  FiberLoop& loop;
  const StackPool::Stack stack;
  void* closure = nullptr;
  Body body = nullptr;

  Fiber* next = nullptr;  // in a FiberQueue

  // While it waits for a descriptor
  int fd = -1;
  Interest interest = Interest::read;
  bool idle = false;

  State state = State::runnable;
  Wakeup wakeup = Wakeup::ready;
  bool permit = false;

  // For the inbox
  std::atomic<bool> in_inbox{false};
  Fiber* next_in_inbox = nullptr;
};

/// Fibers in order, linked through themselves.
class FiberQueue {
 public:
  bool empty() const noexcept { return first_ == nullptr; }

  void push_back(Fiber& fiber) noexcept {
    fiber.next = nullptr;
    (first_ ? last_->next : first_) = &fiber;
    last_ = &fiber;
  }

  void take_all(FiberQueue& other) noexcept {
    if (other.empty()) return;
    (first_ ? last_->next : first_) = std::exchange(other.first_, nullptr);
    last_ = other.last_;
  }

  /// Requires: not empty.
  Fiber& pop_front() noexcept { return *std::exchange(first_, first_->next); }

 private:
  Fiber* first_ = nullptr;
  Fiber* last_ = nullptr;
};

}  // namespace socketserver::detail
