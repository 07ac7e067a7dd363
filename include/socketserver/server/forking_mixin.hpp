#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <set>

#include <socketserver/server/base_server.hpp>
#include <socketserver/server/forked_requests.hpp>
#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/udp_server.hpp>
#include <socketserver/server/unix_server.hpp>

namespace socketserver {

/// Serves every request of `Base` in a child process of its own.
///
/// What a handler changes, it changes in the child only. The child does not have the listening
/// socket of a stream server, and ends with `_exit`: nothing that the program registered for its
/// end runs. A child that a signal ends, as a crash does, is reported. `shutdown()` in a handler
/// ends the server of the parent.
///
/// At most `max_children()` run at once; beyond that accepting pauses, and waiting clients stay in
/// the kernel's queue. Children that have ended are waited for at once, by their own ids: the
/// program may have other children.
///
/// `serve_forever()` must run on the only thread of the process; otherwise every request fails with
/// an OSError `operation_not_permitted`, unless `options.fork_with_threads` is set.
///
/// When the server stops, idle connections end at once and the others get `limits.drain_grace`; a
/// child that goes on a second longer is killed, unless `block_on_close` is off: such children are
/// left alone. With it off `server_close()` and the destructor wait for none, and what has not
/// ended by then stays a zombie until the program ends.
///
/// A child leaves the signals that a StopOnSignals watches to its parent; SIGTERM ends it.
///
/// Differs from Python: `max_children` holds before each fork, in loops of `handle_request()` too;
/// only own children are waited for; output is flushed before the fork; a process with threads is
/// not forked unasked.
/// Source: Python `socketserver.ForkingMixIn`.
template <std::derived_from<BaseServer> Base>
class ForkingMixIn : public Base {
  static_assert(!Base::kHasEngine, "a server has one concurrency mix-in, and this one has two");

 public:
  static constexpr bool kHasEngine = true;  ///< A server has one engine: a second does not compile.

  using Base::Base;

  ~ForkingMixIn() override { ForkingMixIn::end_requests(); }

  /// 300 s unless the options say otherwise; `Duration::max()` for none.
  std::optional<Duration> timeout() const override { return Base::timeout().value_or(kTimeout); }

  /// `limits.max_concurrent_requests`, or 40, and never more than `max_connections()`.
  std::size_t max_children() const {
    const std::size_t requests = this->options().limits.max_concurrent_requests;
    return std::min(requests == 0 ? kDefaultChildren : requests, this->max_connections());
  }

  /// Whether `server_close` waits for the children.
  bool block_on_close() const noexcept { return this->options().block_on_close; }

  /// The ids of the children that have not been waited for yet; absent before the first fork.
  std::optional<std::set<pid_t>> active_children() const { return children_.pids(); }

  /// Waits for the children that have ended, with `blocking` for all of them. The server does it by
  /// itself.
  void collect_children(bool blocking = false) {
    if (blocking) return children_.wait_all(*this);
    children_.collect(*this);
  }

  void server_close() override {
    Base::server_close();
    if (!block_on_close()) return collect_children();
    if (children_.running() > 0) this->begin_stop();
    drain();
  }

 protected:
  void process_request(Request& request, const Address& client_address) override {
    children_.start(*this, request, client_address);
  }

  bool has_connection_room() const override {
    return this->parked_connections() + children_.running() < this->max_connections();
  }

  bool has_room() const override { return children_.has_room(*this, max_children()); }

  bool wait_for_request(int fd, Deadline deadline, bool until_stop) override {
    return children_.wait_for_request(*this, fd, deadline, until_stop);
  }

  void handle_timeout() override { collect_children(); }
  void service_actions() override { collect_children(); }

  void drain() override { children_.drain(*this, block_on_close()); }

  void end_requests() override {
    if (!block_on_close()) return collect_children();
    if (children_.running() == 0) return;
    this->begin_stop();
    ForkingMixIn::drain();
  }

 private:
  static constexpr Duration kTimeout = std::chrono::seconds(300);
  static constexpr std::size_t kDefaultChildren = 40;

  mutable detail::ForkedRequests children_;  // `has_room` waits for those that have ended
};

extern template class ForkingMixIn<TCPServer>;
extern template class ForkingMixIn<UDPServer>;
extern template class ForkingMixIn<UnixStreamServer>;
extern template class ForkingMixIn<UnixDatagramServer>;

}  // namespace socketserver
