#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <string>

#include <socketserver/server/base_server.hpp>
#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/worker_threads.hpp>

namespace socketserver {

/// Serves every request of `Base` on a thread of its own.
///
/// At most `limits.max_concurrent_requests` threads (256 unless set), and never more than
/// `limits.max_connections`, run at once; beyond that accepting pauses, and waiting clients stay in
/// the kernel's queue.
///
/// `server_close()` waits for running handlers, unless `daemon_threads` is set or `block_on_close`
/// is not: idle connections end at once, the others get `limits.drain_grace`. The destructor always
/// waits, but cancels daemon threads' waits at once.
///
/// Differs from Python: the number of threads is bounded, finished threads leave nothing behind,
/// and destroying the server waits for daemon threads, which would otherwise use it after its end.
/// Source: Python `socketserver.ThreadingMixIn`.
template <std::derived_from<BaseServer> Base>
class ThreadingMixIn : public Base {
 public:
  using Base::Base;

  ~ThreadingMixIn() override { ThreadingMixIn::end_requests(); }

  /// Whether `server_close()` leaves running handlers alone.
  bool daemon_threads() const noexcept { return this->options().daemon_threads.value_or(false); }
  bool block_on_close() const noexcept { return this->options().block_on_close; }

  void server_close() override {
    Base::server_close();
    if (!waits_on_close()) return;
    if (threads_.running() > 0) this->begin_stop();
    drain();
  }

 protected:
  void process_request(Request& request, const Address& client_address) override {
    threads_.start(*this, request, client_address);
  }

  bool has_room() const override { return threads_.has_room(max_threads()); }

  void drain() override {
    if (threads_.wait_idle(this->stop_deadline())) return;
    this->force_stop();
    this->log(LogLevel::warning, "drain: requests cut short after the grace period: " +
                                     std::to_string(threads_.running()));
    // A thread that does not wait on its connection cannot be cancelled, only waited for.
    if (!threads_.wait_idle(Deadline::after(kForcedEnd)) && waits_on_close()) {
      threads_.wait_idle(Deadline::never());
    }
  }

  void end_requests() override {
    if (threads_.running() == 0) return;
    if (waits_on_close()) {
      this->begin_stop();
      ThreadingMixIn::drain();
    } else {
      this->force_stop();
    }
    // Handlers refer to the server: nothing may outlive it, however long that takes.
    threads_.wait_idle(Deadline::never());
  }

 private:
  static constexpr std::size_t kDefaultThreads = 256;
  static constexpr Duration kForcedEnd = std::chrono::seconds(1);

  bool waits_on_close() const noexcept { return !daemon_threads() && block_on_close(); }

  std::size_t max_threads() const {
    const Limits& limits = this->options().limits;
    const std::size_t requests = limits.max_concurrent_requests;
    return std::min(requests == 0 ? kDefaultThreads : requests, limits.max_connections);
  }

  detail::WorkerThreads threads_;
};

extern template class ThreadingMixIn<TCPServer>;

}  // namespace socketserver
