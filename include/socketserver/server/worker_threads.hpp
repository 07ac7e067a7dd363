#pragma once

#include <cstddef>
#include <memory>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

namespace socketserver {

class BaseServer;

namespace detail {

/// The threads that a threading server has running, each with one request at a time.
///
/// While the server serves, a thread that is free waits a second for another request. When it ends
/// it takes its own record away: nothing grows with the number of requests served.
///
/// Thread safety: `start` from the serving thread, the rest from any.
/// Lifetime: the destructor waits for every thread.
class WorkerThreads {
 public:
  static constexpr bool kOutlivesServing = true;

  WorkerThreads();
  WorkerThreads(const WorkerThreads&) = delete;
  WorkerThreads& operator=(const WorkerThreads&) = delete;
  ~WorkerThreads();

  /// Moves the request to a thread that is free, or a new one, which serves it by
  /// `server.run_request`.
  ///
  /// @throws std::system_error when no thread can be started; the request is untouched then.
  void start(BaseServer& server, Request& request, const Address& client_address);

  /// When the server is stopping, ends the waits of idle connections and of threads that are free;
  /// when it is forced to, all.
  void cut_waits();

  /// How many there are, those that are free included.
  std::size_t running() const noexcept;

  /// Whether fewer than `most` serve a request. If not, the next one to be free wakes the server.
  bool has_room(std::size_t most) const noexcept;

  /// How long a thread waits for the next message of its connection before that parks: a moment,
  /// because a new thread costs more; not at all when somebody waits for a thread.
  Duration patience() const noexcept;

  /// Waits until none is running; those that are free end at once. False when `deadline` passed
  /// first.
  bool wait_idle(Deadline deadline);

  /// In a child process: begins anew, without what is the parent's.
  void leave_to_parent();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace detail
}  // namespace socketserver
