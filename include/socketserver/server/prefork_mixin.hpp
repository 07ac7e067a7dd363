#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <set>
#include <thread>

#include <socketserver/base/scope_exit.hpp>
#include <socketserver/server/base_server.hpp>
#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/threading_mixin.hpp>
#include <socketserver/server/udp_server.hpp>
#include <socketserver/server/unix_server.hpp>
#include <socketserver/server/worker_processes.hpp>

namespace socketserver {

/// Serves by several processes, each of which serves the shared listening socket as `Base` does:
/// one request at a time, by threads, by fibers.
///
/// `serve_forever()` forks `options.processes` worker processes (`options.workers` unless set, and
/// one for each core unless that is) and supervises them: it is the master, and serves no request
/// itself. What a handler changes, it changes in its worker only, and limits hold for each worker
/// by itself. An engine inside that has a use for `options.workers`, too, has that number in each
/// process: fibers then run on several threads. `service_actions()` runs in the master and in every
/// worker. `handle_request()` serves in the calling process.
///
/// A worker that dies is reported and replaced, after 100 ms at first, after twice as long each
/// time up to 30 s, and after 100 ms again once one has lived 10 s. SystemExit in a worker ends
/// that worker with its status; another exception that leaves its loop is reported and ends it
/// with 1.
///
/// `shutdown()`, also in a handler, ends the server: every worker stops as `Base` does, with
/// `limits.drain_grace`; one that goes on a second longer is killed. Workers end when the master
/// dies, too.
///
/// While `serve_forever()` runs, the master has these signals, except those that a StopOnSignals
/// watches, and restores afterwards what they did before:
///
///     TERM       stops, and `serve_forever()` returns; a second one cuts the grace short
///     INT, QUIT  stop at once: every wait is cancelled
///     HUP        replaces all workers, one after the other; each finishes what it has begun
///     TTIN TTOU  one worker more, one less
///
/// To a worker itself TERM means stop; the master then replaces it. It passes over INT and QUIT,
/// which a terminal sends to both.
///
/// `serve_forever()` must run on the only thread of the process, unless
/// `options.fork_with_threads` is set. At most one such server is served in a process at a time.
///
/// Source: none in Python's library; the signals are those of Gunicorn.
template <std::derived_from<BaseServer> Base>
class PreforkMixIn : public Base {
  static_assert(!Base::kPreforks, "a server forks its workers once, and this one twice");

 public:
  static constexpr bool kHasEngine = true;  ///< It wraps an engine, and is none to be wrapped.
  static constexpr bool kPreforks = true;  ///< Pre-forking is done once: a second does not compile.

  using Base::Base;

  /// See the class; otherwise as `BaseServer::serve_forever`.
  ///
  /// @throws OSError `operation_not_permitted` when the process has other threads; OSError "fork"
  ///         when the workers cannot be started; std::logic_error when another prefork server is
  ///         being served.
  void serve_forever(Duration poll_interval = std::chrono::milliseconds(500)) override {
    processes_.begin(*this, workers(),
                     [this, poll_interval] { Base::serve_forever(poll_interval); });
    const ScopeExit restore([this]() noexcept { processes_.end(); });
    BaseServer::serve_forever(poll_interval);
  }

  /// How many workers `serve_forever()` starts.
  std::size_t workers() const {
    const ServerOptions& options = this->options();
    const std::size_t workers = options.processes.value_or(options.workers.value_or(0));
    return workers != 0 ? workers : std::max(1u, std::thread::hardware_concurrency());
  }

  /// In the master, the ids of its workers. Thread: serving, as in `service_actions()`.
  std::set<pid_t> worker_pids() const { return processes_.pids(); }

 protected:
  bool has_room() const override { return !processes_.is_master() && Base::has_room(); }

  bool wait_for_request(int fd, Deadline deadline, bool until_stop) override {
    if (!processes_.is_master()) return Base::wait_for_request(fd, deadline, until_stop);
    processes_.turn(deadline);
    return false;
  }

  void drain() override {
    if (!processes_.is_master()) return Base::drain();
    processes_.stop();
  }

 private:
  detail::WorkerProcesses processes_;
};

extern template class PreforkMixIn<TCPServer>;
extern template class PreforkMixIn<UDPServer>;
extern template class PreforkMixIn<UnixStreamServer>;
extern template class PreforkMixIn<UnixDatagramServer>;
extern template class PreforkMixIn<ThreadingMixIn<TCPServer>>;

}  // namespace socketserver
