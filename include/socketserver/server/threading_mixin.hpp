#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>

#include <socketserver/server/base_server.hpp>
#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/udp_server.hpp>
#include <socketserver/server/unix_server.hpp>
#include <socketserver/server/worker_threads.hpp>
#include <socketserver/server/workers_mixin.hpp>

namespace socketserver {

/// Serves every request of `Base` on a thread of its own.
///
/// At most `limits.max_concurrent_requests` threads (256 unless set), and never more than
/// `max_connections()`, run at once; beyond that accepting pauses, and waiting clients stay in the
/// kernel's queue.
///
/// While `serve_forever()` runs, a thread that has served a request waits a second for another one
/// before it ends, because to start one costs more than most requests. It has another
/// `current_thread_name` then, but what a handler has set for its thread is still so:
/// `thread_local` variables, signal mask, priority, locale.
///
/// `server_close()` waits for running handlers, unless `daemon_threads` is set or `block_on_close`
/// is not: idle connections end at once, the others get `limits.drain_grace`. The destructor always
/// waits, but cancels daemon threads' waits at once.
///
/// Differs from Python: the number of threads is bounded, they are used again, finished ones leave
/// nothing behind, and destroying the server waits for daemon threads, which would otherwise use it
/// after its end. Source: Python `socketserver.ThreadingMixIn`.
template <std::derived_from<BaseServer> Base>
class ThreadingMixIn : public detail::WorkersMixIn<Base, detail::WorkerThreads> {
 public:
  using detail::WorkersMixIn<Base, detail::WorkerThreads>::WorkersMixIn;

  /// Before the object stops being of this class, which its threads look at.
  ~ThreadingMixIn() override { this->end_requests(); }

 protected:
  void process_request(Request& request, const Address& client_address) override {
    this->workers().start(*this, request, client_address);
  }

  bool has_room() const override { return this->workers().has_room(max_threads()); }

  bool has_connection_room() const override {
    if (!this->RequestHandlerClass().parks()) return true;
    const std::size_t parked = this->parked_connections();
    return parked < this->max_connections() &&
           this->workers().has_room(this->max_connections() - parked);
  }

  Duration parking_patience() const noexcept override { return this->workers().patience(); }

 private:
  static constexpr std::size_t kDefaultThreads = 256;

  std::size_t max_threads() const {
    const std::size_t requests = this->options().limits.max_concurrent_requests;
    return std::min(requests == 0 ? kDefaultThreads : requests, this->max_connections());
  }
};

extern template class ThreadingMixIn<TCPServer>;
extern template class ThreadingMixIn<UDPServer>;
extern template class ThreadingMixIn<UnixStreamServer>;
extern template class ThreadingMixIn<UnixDatagramServer>;

}  // namespace socketserver
