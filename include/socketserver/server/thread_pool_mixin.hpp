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
/// `options.workers` handlers (eight for each core unless set) are at work at once,
/// `options.queue_size` requests may wait for their turn; beyond that accepting pauses, and waiting
/// clients stay in the kernel's queue.
///
/// A handler that waits for its client to send or to take something holds a thread, but not one of
/// the workers: another one begins meanwhile. So clients that are slow keep nobody waiting until
/// there are as many threads as `limits.max_concurrent_requests` says, 4096 unless it is set. Such
/// a handler goes on as soon as its client has moved, so that for moments more than `workers` are
/// at work. Everything else that a handler waits for counts as work.
///
/// A thread starts when there is work for it and stays until `server_close()`; those beyond
/// `workers` end when they are done. `max_connections()` bounds all requests.
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

  /// How many handlers are at work at most, beside those that wait for their clients.
  std::size_t max_workers() const {
    const std::size_t limit = this->options().limits.max_concurrent_requests;
    return limit == 0 ? wanted_workers() : std::min(wanted_workers(), limit);
  }

  /// How many threads serve at most, those that wait for their clients included.
  std::size_t max_threads() const {
    const std::size_t limit = this->options().limits.max_concurrent_requests;
    return limit == 0 ? std::max(wanted_workers(), kMostThreads) : limit;
  }

  void server_close() override {
    detail::WorkersMixIn<Base, detail::ThreadPool>::server_close();
    if (this->workers().running() == 0) this->workers().end();
  }

 protected:
  void process_request(Request& request, const Address& client_address) override {
    this->workers().submit(*this, request, client_address,
                           {.at_work = max_workers(), .threads = max_threads()});
  }

  bool has_room() const override {
    return this->workers().has_room(this->max_connections()) &&
           this->workers().has_workers(max_workers() + this->options().queue_size);
  }

  bool has_connection_room() const override {
    if (!this->RequestHandlerClass().parks()) return true;
    const std::size_t parked = this->parked_connections();
    return parked < this->max_connections() &&
           this->workers().has_room(this->max_connections() - parked);
  }

  Duration parking_patience() const noexcept override { return this->workers().patience(); }

 private:
  static constexpr std::size_t kWorkersPerCore = 8;
  static constexpr std::size_t kMostThreads = 4096;

  std::size_t wanted_workers() const {
    const std::size_t workers = this->options().workers.value_or(0);
    if (workers != 0) return workers;
    // Asked once: the C library opens a file each time.
    static const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
    return kWorkersPerCore * cores;
  }
};

extern template class ThreadPoolMixIn<TCPServer>;
extern template class ThreadPoolMixIn<UDPServer>;
extern template class ThreadPoolMixIn<UnixStreamServer>;
extern template class ThreadPoolMixIn<UnixDatagramServer>;

}  // namespace socketserver
