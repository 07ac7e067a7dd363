#include <socketserver/fiber/scheduler.hpp>

#include "fiber/fiber_loop.hpp"

namespace socketserver {

Scheduler::Scheduler(SchedulerOptions options)
    : loop_(std::make_unique<detail::FiberLoop>(std::move(options))) {}

Scheduler::~Scheduler() = default;

void Scheduler::yield() {
  loop_->yield();
}

std::size_t Scheduler::fibers() const noexcept {
  return loop_->fibers();
}

std::error_code Scheduler::wait(int fd, Interest interest, Deadline deadline, bool idle) {
  return loop_->wait(fd, interest, deadline, idle);
}

bool Scheduler::sleep(int fd, Sleeper& sleeper) {
  return loop_->sleep(fd, sleeper);
}

void Scheduler::forget(int fd) noexcept {
  loop_->forget(fd);
}

void Scheduler::cancel_waits(bool idle_only) noexcept {
  loop_->cancel_waits(idle_only);
}

void Scheduler::watch(int fd) {
  loop_->watch(fd);
}

void Scheduler::unwatch(int fd) noexcept {
  loop_->unwatch(fd);
}

int Scheduler::run_until_ready(Deadline deadline) {
  return loop_->run_until_ready(deadline);
}

void Scheduler::post(std::function<void()> f) {
  loop_->post(std::move(f));
}

void Scheduler::notify() noexcept {
  loop_->notify();
}

Scheduler::Unborn Scheduler::conceive(std::size_t closure_size, std::size_t closure_alignment) {
  detail::Fiber& fiber = loop_->conceive(closure_size, closure_alignment);
  return {&fiber, fiber.closure};
}

void Scheduler::start(Unborn unborn, Body body) noexcept {
  loop_->start(*unborn.fiber, body);
}

void Scheduler::abandon(Unborn unborn) noexcept {
  loop_->abandon(*unborn.fiber);
}

}  // namespace socketserver
