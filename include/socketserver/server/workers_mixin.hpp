#pragma once

#include <chrono>
#include <concepts>
#include <string>

#include <socketserver/server/base_server.hpp>

namespace socketserver::detail {

/// What the mix-ins have in common that hand requests to workers in this process: how the server
/// stops and ends while workers run.
///
/// `Workers` has `kOutlivesServing`, whether a request can go on while nobody serves, and
/// `running()`, `cut_waits()`, `wait_idle(Deadline)` and `leave_to_parent()`; see WorkerThreads.
template <std::derived_from<BaseServer> Base, class Workers>
class WorkersMixIn : public Base {
  static_assert(!Base::kHasEngine, "a server has one concurrency mix-in, and this one has two");

 public:
  static constexpr bool kHasEngine = true;

  using Base::Base;

  ~WorkersMixIn() override { WorkersMixIn::end_requests(); }

  /// Whether `server_close()` leaves running handlers alone.
  bool daemon_threads() const noexcept { return this->options().daemon_threads.value_or(false); }
  bool block_on_close() const noexcept { return this->options().block_on_close; }

  void server_close() override {
    Base::server_close();
    if (!waits_on_close()) return;
    if (workers_.running() > 0) this->begin_stop();
    drain();
  }

 protected:
  void drain() override {
    workers_.cut_waits();
    if (wait_idle_or_forced(this->stop_deadline())) return;
    this->force_stop();
    workers_.cut_waits();
    this->log(LogLevel::warning, "drain: requests cut short after the grace period: " +
                                     std::to_string(workers_.running()));
    // A handler that does not wait on its connection cannot be cancelled, only waited for.
    if (!workers_.wait_idle(Deadline::after(kForcedEnd)) && waits_on_close()) {
      workers_.wait_idle(Deadline::never());
    }
  }

  void end_requests() override {
    if (workers_.running() == 0) return;
    if (waits_on_close()) {
      this->begin_stop();
      WorkersMixIn::drain();
    } else {
      this->force_stop();
      workers_.cut_waits();
    }
    // Handlers refer to the server: nothing may outlive it, however long that takes.
    workers_.wait_idle(Deadline::never());
  }

  void leave_workers() override { workers_.leave_to_parent(); }

  Workers& workers() noexcept { return workers_; }
  const Workers& workers() const noexcept { return workers_; }

 private:
  static constexpr Duration kForcedEnd = std::chrono::seconds(1);

  // How soon a second signal, which can wake no thread but by an event, is noticed.
  static constexpr Duration kForceNotice = std::chrono::milliseconds(20);

  bool wait_idle_or_forced(Deadline deadline) {
    for (;;) {
      if (workers_.wait_idle(Deadline::earlier(deadline, Deadline::after(kForceNotice))))
        return true;
      if (deadline.expired() || this->stop_is_forced()) return false;
    }
  }

  bool waits_on_close() const noexcept {
    return !Workers::kOutlivesServing || (!daemon_threads() && block_on_close());
  }

  Workers workers_;
};

}  // namespace socketserver::detail
