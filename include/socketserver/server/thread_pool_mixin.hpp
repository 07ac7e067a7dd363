#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <thread>

#include <socketserver/server/base_server.hpp>
#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/thread_pool.hpp>
#include <socketserver/server/udp_server.hpp>
#include <socketserver/server/unix_server.hpp>
#include <socketserver/server/workers_mixin.hpp>

namespace socketserver {

/// Serves the requests of `Base` on a bounded number of threads.
///
/// `options.workers` threads (eight for each core unless set) serve, `options.queue_size` requests
/// may wait for one; beyond that accepting pauses, and waiting clients stay in the kernel's queue.
/// `limits.max_concurrent_requests`, when set, bounds the threads too, and `max_connections()` all
/// requests. A thread starts when there is work for it and stays until `server_close()`.
///
/// A connection holds its thread until its handler returns: clients that keep connections open and
/// say nothing can hold all of them. Give handlers a `timeout()`.
///
/// `server_close()` waits for running handlers as ThreadingMixIn's does.
///
/// Source: none in Python; the executors of `concurrent.futures` come nearest.
template <std::derived_from<BaseServer> Base>
class ThreadPoolMixIn : public detail::WorkersMixIn<Base, detail::ThreadPool> {
 public:
  using detail::WorkersMixIn<Base, detail::ThreadPool>::WorkersMixIn;

  /// Before the object stops being of this class, which its threads look at.
  ~ThreadPoolMixIn() override { this->end_requests(); }

  /// How many threads serve at most.
  std::size_t max_threads() const {
    const auto& options = this->options();
    std::size_t threads = options.workers.value_or(0);
    if (threads == 0) threads = kThreadsPerCore * std::max(1u, std::thread::hardware_concurrency());
    const std::size_t limit = options.limits.max_concurrent_requests;
    return limit == 0 ? threads : std::min(threads, limit);
  }

  void server_close() override {
    detail::WorkersMixIn<Base, detail::ThreadPool>::server_close();
    if (this->workers().running() == 0) this->workers().end();
  }

 protected:
  void process_request(Request& request, const Address& client_address) override {
    this->workers().submit(*this, request, client_address, max_threads());
  }

  bool has_room() const override {
    return this->workers().has_room(
        std::min(max_threads() + this->options().queue_size, this->max_connections()));
  }

  bool has_connection_room() const override {
    if (!this->RequestHandlerClass().parks()) return true;
    const std::size_t parked = this->parked_connections();
    return parked < this->max_connections() &&
           this->workers().has_room(this->max_connections() - parked);
  }

  Duration parking_patience() const noexcept override {
    return this->workers().patience(max_threads());
  }

 private:
  static constexpr std::size_t kThreadsPerCore = 8;
};

extern template class ThreadPoolMixIn<TCPServer>;
extern template class ThreadPoolMixIn<UDPServer>;
extern template class ThreadPoolMixIn<UnixStreamServer>;
extern template class ThreadPoolMixIn<UnixDatagramServer>;

}  // namespace socketserver
