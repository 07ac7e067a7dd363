#pragma once

#include <cstddef>
#include <memory>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

namespace socketserver {

class BaseServer;

namespace detail {

/// A bounded number of threads that serve requests from a bounded queue.
///
/// Threads start when there is work for them, stay, and end with `end` or the pool. One that waits
/// for its client lets another one work meanwhile, and goes on as soon as the client has moved, be
/// it beside one more than should: whoever holds a lock then must not wait for those that want it.
///
/// Thread safety: `submit` and `end` from the serving thread, the rest from any.
/// Lifetime: the destructor waits for every thread.
class ThreadPool {
 public:
  static constexpr bool kOutlivesServing = true;

  struct Bounds {
    std::size_t at_work;  ///< No request begins while so many are served, beside those that wait.
    std::size_t threads;  ///< Both together. Those beyond `at_work` end when they are not needed.
  };

  ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  /// Queues the request for a thread, which serves it by `server.run_request`.
  ///
  /// @param bounds  the same each time.
  /// @throws std::system_error when the pool has no thread and none can be started; the request is
  ///         untouched then.
  void submit(BaseServer& server, Request& request, const Address& client_address, Bounds bounds);

  /// When the server is stopping, ends the waits of idle connections; when it is forced to, all.
  void cut_waits();

  /// How many requests are queued or being served.
  std::size_t running() const noexcept;

  /// Whether fewer than `most` are. If not, the next one to end wakes the server. Starts the thread
  /// that a request waits for in vain, if the system had none before.
  bool has_room(std::size_t most) const noexcept;

  /// Whether fewer than `most` are that do not wait for their client. If not, the next one that
  /// does or ends wakes the server.
  bool has_workers(std::size_t most) const noexcept;

  /// How long a thread waits for the next message of its connection before that parks: a moment,
  /// which saves the way there and back; not at all unless another could serve.
  Duration patience() const noexcept;

  /// Waits until there are none; false when `deadline` passed first.
  bool wait_idle(Deadline deadline);

  /// Ends the threads, which must have nothing to do.
  void end();

  /// In a child process: begins anew, without what is the parent's.
  void leave_to_parent();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace detail
}  // namespace socketserver
