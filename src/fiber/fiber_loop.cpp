#include "fiber/fiber_loop.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <socketserver/base/flow.hpp>

#include "base/turn.hpp"

namespace socketserver::detail {
namespace {

using Clock = Deadline::Clock;

constexpr std::size_t kLeastStack = std::size_t{16} * 1024;

// Between two looks for events, so that fibers that are always ready starve neither those that wait
// nor the deadlines. Few enough to take no longer than a millisecond, many enough that looking
// costs nothing in comparison.
constexpr int kResumesPerTurn = 64;

// How long a stack must have been of no use before its memory goes back.
constexpr Duration kReapInterval = std::chrono::seconds(1);

std::logic_error misuse(const char* action, const char* why) {
  return std::logic_error(std::string("Scheduler::") + action + ": " + why);
}

}  // namespace

/// The time that the caller of run_until_ready spends in the loop.
class FiberLoop::Visit {
 public:
  explicit Visit(FiberLoop& loop) noexcept : loop_(loop) {
    loop_.visited_ = true;
    loop_.main_.adopt_thread();
    loop_.pulse_.wake();
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    loop_.pulse_.sleep();
    loop_.visited_ = false;
  }

 private:
  FiberLoop& loop_;
};

FiberLoop::FiberLoop(SchedulerOptions options)
    : stacks_(options.stack_size < kLeastStack
                  ? throw std::invalid_argument("SchedulerOptions: stack_size is below 16 KiB")
                  : options.stack_size) {
  poller_.add_bell(inbox_.fd());
  if (options.stall_limit > Duration::zero() && options.log) {
    watchdog_ = StallWatchdog::shared();
    watchdog_->look_after(pulse_, options.stall_limit, std::move(options.name),
                          std::move(options.log));
  }
}

FiberLoop::~FiberLoop() {
  closing_ = true;
  for (int fd = 0; fd < poller_.end(); ++fd)
    wake_sleeper(*poller_.find(fd), Scheduler::Sleeper::Reason::cancelled);
  if (fibers_ > 0) {
    claim_thread("~Scheduler");
    const Visit visit(*this);
    unwatch_all();
    cancel_waits(false);
    resume_ready();
    while (fibers_ > 0) {
      turn(TimerWheel::kNever);
      resume_ready();
    }
  }
  if (reap_timer_.armed()) timers_.remove(reap_timer_);
  if (watchdog_) watchdog_->leave(pulse_);
}

void FiberLoop::claim_thread(const char* action) {
  const auto self = std::this_thread::get_id();
  if (thread_.load(std::memory_order_relaxed) == self) return;
  if (fibers_ > 0) throw misuse(action, "the fibers of this loop live on another thread");
  thread_.store(self, std::memory_order_relaxed);
  main_.adopt_thread();
}

// The life of a fiber

Fiber& FiberLoop::conceive(std::size_t closure_size, std::size_t closure_alignment) {
  claim_thread("spawn");
  const StackPool::Stack stack = stacks_.take();
  // From the top: control block, closure, frames.
  const auto below = [](std::byte* place, std::size_t size, std::size_t alignment) {
    const auto address = reinterpret_cast<std::uintptr_t>(place);
    return place - (size + (address - size) % alignment);
  };
  std::byte* const block = below(stack.top, sizeof(Fiber), alignof(Fiber));
  auto& fiber = *::new (block) Fiber(*this, stack);
  fiber.closure = below(block, closure_size, closure_alignment);
  ++fibers_;
  return fiber;
}

void FiberLoop::start(Fiber& fiber, Fiber::Body body) noexcept {
  fiber.body = body;
  fiber.create(
      fiber.stack.bottom, static_cast<std::byte*>(fiber.closure),
      [](Context& context) noexcept {
        auto& self = static_cast<Fiber&>(context);
        self.body(self.closure);
        self.loop.end(self);
      },
      main_);
  ready_.push_back(fiber);
}

void FiberLoop::end(Fiber& fiber) noexcept {
  fiber.state = Fiber::State::ended;
  fiber.end_in(main_);
}

void FiberLoop::retire(Fiber& fiber) noexcept {
  // Somebody unparked it who was too late. The call is over, as it needs a living fiber: so the
  // fiber is in the inbox by now, and must not stay there.
  if (fiber.in_inbox.load(std::memory_order_acquire)) deliver_unparks();
  fiber.destroy();
  abandon(fiber);
}

void FiberLoop::abandon(Fiber& fiber) noexcept {
  const StackPool::Stack stack = fiber.stack;
  std::destroy_at(&fiber);
  stacks_.give(stack);
  --fibers_;
  if (stacks_.wants_reap() && !reap_timer_.armed()) {
    timers_.insert(reap_timer_, tick_before(Clock::now() + kReapInterval));
  }
}

// Parking and waking

Fiber& FiberLoop::running_fiber(const char* action) const {
  // A fiber may be running while another thread makes this mistake, hence the second look.
  if (!running_ || &Flow::current() != running_) {
    throw misuse(action, "called by a flow that is no fiber of this loop");
  }
  return *running_;
}

Wakeup FiberLoop::suspend(Fiber& fiber, Fiber::State state, Deadline deadline) noexcept {
  if (!deadline.is_never()) timers_.insert(fiber, tick_of(deadline));
  fiber.state = state;
  fiber.switch_to(main_);
  return fiber.wakeup;
}

void FiberLoop::wake(Fiber& fiber, Wakeup wakeup) noexcept {
  if (fiber.armed()) timers_.remove(fiber);
  if (fiber.state == Fiber::State::waiting) {
    poller_.find(fiber.fd)->waiter(fiber.interest) = nullptr;
  }
  fiber.state = Fiber::State::runnable;
  fiber.wakeup = wakeup;
  ready_.push_back(fiber);
}

void FiberLoop::yield() {
  Fiber& self = running_fiber("yield");
  yielded_.push_back(self);
  self.switch_to(main_);
}

bool FiberLoop::park(Fiber& fiber, Deadline deadline) noexcept {
  if (std::exchange(fiber.permit, false)) return true;
  return suspend(fiber, Fiber::State::parked, deadline) == Wakeup::ready;
}

void FiberLoop::unpark(Fiber& fiber) noexcept {
  if (thread_.load(std::memory_order_relaxed) == std::this_thread::get_id()) {
    grant_permit(fiber);
  } else {
    inbox_.unpark(fiber);
  }
}

void FiberLoop::grant_permit(Fiber& fiber) noexcept {
  if (fiber.state == Fiber::State::parked) {
    wake(fiber, Wakeup::ready);
  } else {
    fiber.permit = true;
  }
}

// Descriptors

std::error_code FiberLoop::wait(int fd, Interest interest, Deadline deadline, bool idle) {
  Fiber& self = running_fiber("wait");
  if (fd < 0) return std::make_error_code(std::errc::bad_file_descriptor);
  if (closing_) return std::make_error_code(std::errc::operation_canceled);

  if (!poller_.make_room(fd)) return std::make_error_code(std::errc::not_enough_memory);
  Poller::Descriptor& descriptor = poller_.at(fd);
  if (descriptor.watched) throw misuse("wait", "the descriptor is watched");
  Fiber*& waiter = descriptor.waiter(interest);
  if (waiter) throw misuse("wait", "another fiber waits for the same already");
  if (const auto ec = poller_.enroll(fd, descriptor)) return ec;
  if (descriptor.always_ready || std::exchange(descriptor.ready(interest), false)) return {};
  if (descriptor.ended && interest == Interest::read) return {};

  waiter = &self;
  self.fd = fd;
  self.interest = interest;
  self.idle = idle;
  switch (suspend(self, Fiber::State::waiting, deadline)) {
    case Wakeup::ready:
      return {};
    case Wakeup::timed_out:
      return std::make_error_code(std::errc::timed_out);
    case Wakeup::cancelled:
      return std::make_error_code(std::errc::operation_canceled);
    case Wakeup::forgotten:
      break;
  }
  return std::make_error_code(std::errc::bad_file_descriptor);
}

bool FiberLoop::sleep(int fd, Scheduler::Sleeper& sleeper) {
  claim_thread("sleep");
  if (closing_ || fd < 0 || !poller_.make_room(fd)) return false;
  Poller::Descriptor& descriptor = poller_.at(fd);
  if (descriptor.watched || descriptor.sleeper || descriptor.waiter(Interest::read)) {
    throw misuse("sleep", "somebody waits for the descriptor already");
  }
  if (poller_.enroll(fd, descriptor) || descriptor.always_ready || descriptor.ended ||
      std::exchange(descriptor.ready(Interest::read), false)) {
    return false;
  }
  descriptor.sleeper = &sleeper;
  return true;
}

void FiberLoop::wake_sleeper(Poller::Descriptor& descriptor,
                             Scheduler::Sleeper::Reason reason) noexcept {
  if (descriptor.sleeper) std::exchange(descriptor.sleeper, nullptr)->wake(reason);
}

void FiberLoop::wake_waiter(int fd, Interest interest, Wakeup wakeup) noexcept {
  if (Fiber* const waiter = poller_.find(fd)->waiter(interest)) wake(*waiter, wakeup);
}

void FiberLoop::forget(int fd) noexcept {
  unwatch(fd);
  Poller::Descriptor* const descriptor = poller_.find(fd);
  if (!descriptor) return;
  wake_waiter(fd, Interest::read, Wakeup::forgotten);
  wake_waiter(fd, Interest::write, Wakeup::forgotten);
  descriptor->forget();
}

void FiberLoop::cancel_waits(bool idle_only) noexcept {
  for (int fd = 0; fd < poller_.end(); ++fd) {
    wake_sleeper(*poller_.find(fd), Scheduler::Sleeper::Reason::cancelled);
    for (const Interest interest : {Interest::read, Interest::write}) {
      Fiber* const waiter = poller_.find(fd)->waiter(interest);
      if (waiter && (waiter->idle || !idle_only)) wake(*waiter, Wakeup::cancelled);
    }
  }
}

void FiberLoop::watch(int fd) {
  if (fd >= 0) {
    Poller::Descriptor& descriptor = poller_.at(fd);
    if (descriptor.watched) throw misuse("watch", "the descriptor is watched already");
    if (descriptor.registered) throw misuse("watch", "fibers wait for the descriptor");
  }
  readable_.reserve(watches_ + 1);
  poller_.watch(fd);
  poller_.at(fd).watched = true;
  ++watches_;
}

void FiberLoop::unwatch(int fd) noexcept {
  Poller::Descriptor* const descriptor = poller_.find(fd);
  if (!descriptor || !descriptor->watched) return;
  poller_.unwatch(fd);
  descriptor->forget();
  std::erase(readable_, fd);
  --watches_;
}

void FiberLoop::unwatch_all() noexcept {
  for (int fd = 0; fd < poller_.end(); ++fd) unwatch(fd);
}

// The loop

int FiberLoop::run_until_ready(Deadline deadline) {
  if (visited_) throw misuse("run_until_ready", "the loop is running already");
  claim_thread("run_until_ready");
  const Visit visit(*this);
  // A deadline that has passed is no reason to sleep to the end of its tick.
  const Tick until = deadline.expired() ? 0 : tick_of(deadline);
  for (bool late = false;;) {
    resume_ready();
    if (const int fd = take_readable(); fd >= 0) return fd;
    if (inbox_.take_notification() || late) return -1;
    turn(until);
    late = until != TimerWheel::kNever && tick_before(Clock::now()) >= until;
  }
}

void FiberLoop::resume_ready() noexcept {
  ready_.take_all(yielded_);
  if (ready_.empty()) return;
  Flow* const outside = Flow::exchange_current(nullptr);
  for (int i = 0; i < kResumesPerTurn && !ready_.empty(); ++i) {
    Fiber& fiber = ready_.pop_front();
    Flow::exchange_current(&fiber);
    running_ = &fiber;
    main_.switch_to(fiber);
    running_ = nullptr;
    if (fiber.state == Fiber::State::ended) retire(fiber);
  }
  Flow::exchange_current(outside);
}

void FiberLoop::turn(Tick until) {
  const int limit = sleep_limit(until);
  end_turn();
  pulse_.sleep();
  const auto events = poller_.poll(limit);
  pulse_.wake();
  for (const epoll_event& event : events) {
    if (!poller_.is_stale(event)) take_event(Poller::fd_of(event), event.events);
  }
  // In the order of the events, with the last one next.
  std::reverse(readable_.begin(), readable_.end());
  if (!timers_.empty()) expire_timers(tick_before(Clock::now()));
}

int FiberLoop::sleep_limit(Tick until) const noexcept {
  if (!ready_.empty() || !yielded_.empty() || !readable_.empty()) return 0;
  const Tick wanted = std::min(until, timers_.next());
  if (wanted == TimerWheel::kNever) return -1;
  constexpr std::uint64_t kMillisecond = 1'000'000;
  const std::uint64_t left =
      (nanoseconds_to(wanted, Clock::now()) + kMillisecond - 1) / kMillisecond;
  return static_cast<int>(std::min<std::uint64_t>(left, std::numeric_limits<int>::max()));
}

void FiberLoop::take_event(int fd, unsigned events) noexcept {
  if (fd == inbox_.fd()) return take_inbox();
  Poller::Descriptor* const descriptor = poller_.find(fd);
  if (!descriptor) return;
  if (descriptor->watched) {
    readable_.push_back(fd);
  } else if (descriptor->registered) {
    constexpr unsigned kBroken = EPOLLERR | EPOLLHUP;
    // The end of the stream may come in the same edge as its last bytes, and no other one follows.
    if (events & (EPOLLRDHUP | kBroken)) descriptor->ended = true;
    if (events & (EPOLLOUT | kBroken)) take_edge(fd, *descriptor, Interest::write);
    if (events & (EPOLLIN | EPOLLRDHUP | kBroken)) take_edge(fd, *descriptor, Interest::read);
  }
}

void FiberLoop::take_edge(int fd, Poller::Descriptor& descriptor, Interest interest) noexcept {
  if (descriptor.waiter(interest)) {
    wake_waiter(fd, interest, Wakeup::ready);
  } else if (descriptor.sleeper && interest == Interest::read) {
    using Reason = Scheduler::Sleeper::Reason;
    wake_sleeper(descriptor, descriptor.ended ? Reason::ended : Reason::readable);
  } else {
    descriptor.ready(interest) = true;
  }
}

void FiberLoop::take_inbox() noexcept {
  inbox_.answer();
  deliver_unparks();
  for (const auto& function : inbox_.take_posted()) function();
}

void FiberLoop::deliver_unparks() noexcept {
  Fiber* fiber = inbox_.take_unparked();
  while (fiber) {
    Fiber& unparked = *std::exchange(fiber, fiber->next_in_inbox);
    // Read before: from here on it may be put in again.
    unparked.in_inbox.exchange(false, std::memory_order_acq_rel);
    grant_permit(unparked);
  }
}

void FiberLoop::expire_timers(Tick now) noexcept {
  while (TimerWheel::Timer* const timer = timers_.pop_expired(now)) {
    if (timer != &reap_timer_) {
      wake(static_cast<Fiber&>(*timer), Wakeup::timed_out);
      continue;
    }
    stacks_.reap();
    if (stacks_.wants_reap())
      timers_.insert(reap_timer_, tick_before(Clock::now() + kReapInterval));
  }
}

int FiberLoop::take_readable() noexcept {
  if (readable_.empty()) return -1;
  const int fd = readable_.back();
  readable_.pop_back();
  return fd;
}

bool Fiber::park(Deadline deadline) {
  return loop.park(*this, deadline);
}

void Fiber::unpark() noexcept {
  loop.unpark(*this);
}

}  // namespace socketserver::detail
