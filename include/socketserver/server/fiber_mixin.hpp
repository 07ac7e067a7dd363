#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>

#include <socketserver/server/base_server.hpp>
#include <socketserver/server/fiber_loops.hpp>
#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/udp_server.hpp>
#include <socketserver/server/unix_server.hpp>
#include <socketserver/server/workers_mixin.hpp>

namespace socketserver {

/// Serves every request of `Base` on a fiber of its own, all of them on one event loop.
///
/// Handlers are written in the same blocking style; while one waits for its connection, others run.
/// A connection that waits costs a page of stack instead of a thread. What a handler calls beside
/// its connection must not block the thread, because it would block every other handler too: use
/// `sleep_for`, `Mutex`, `ConditionVariable` and `offload` of this library there.
/// `options.stall_limit` reports a handler that does block.
///
/// `options.workers` event loops, each on a thread of its own, share the requests; 1 unless set, so
/// that handlers need no locks between two waits. At most `limits.max_concurrent_requests` fibers,
/// as many as `max_connections()` unless set; beyond that accepting pauses. With several loops each
/// has its share of that number for connections that have parked (see BaseRequestHandler::kParks),
/// and at least one.
///
/// `handle_request()` returns when the request that it took has been served; fibers of earlier
/// requests run meanwhile. `server_close()` waits for running handlers as ThreadingMixIn's does.
///
/// Source: none in Python; `asyncio` servers serve as many clients, but need another style.
template <std::derived_from<BaseServer> Base>
class FiberMixIn : public detail::WorkersMixIn<Base, detail::FiberLoops> {
 public:
  using detail::WorkersMixIn<Base, detail::FiberLoops>::WorkersMixIn;

  ~FiberMixIn() override { this->end_requests(); }

  /// How many requests are being served.
  std::size_t fibers() const noexcept {
    const std::size_t parked = this->workers().parked();
    return std::max(this->workers().running(), parked) - parked;
  }

 protected:
  void process_request(Request& request, const Address& client_address) override {
    this->workers().start(*this, request, client_address);
  }

  bool wait_for_request(int fd, Deadline deadline, bool until_stop) override {
    return this->workers().wait_for_request(*this, fd, deadline, until_stop);
  }

  // The loops know themselves what waits on them.

  void admit_request(Request& request, const Address& client_address) override {
    this->process_request(request, client_address);
  }

  bool has_connection_room() const override {
    return this->workers().running() < this->max_connections();
  }

  bool has_room() const override {
    return this->workers().has_room(this->max_connections(),
                                    this->options().limits.max_concurrent_requests);
  }

  std::size_t parked_connections() const noexcept override { return this->workers().parked(); }
};

extern template class FiberMixIn<TCPServer>;
extern template class FiberMixIn<UDPServer>;
extern template class FiberMixIn<UnixStreamServer>;
extern template class FiberMixIn<UnixDatagramServer>;

}  // namespace socketserver
