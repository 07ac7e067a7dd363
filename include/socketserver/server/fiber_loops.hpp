#pragma once

#include <cstddef>
#include <memory>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

namespace socketserver {

class BaseServer;

namespace detail {

/// The event loops of a fiber server, and the fibers on them, each with its one request.
///
/// The first loop runs on the serving thread, inside `wait_for_request`; each further one on a
/// thread of its own. A request stays on the loop that it was given to.
///
/// Loops are made when the first one is needed, so that processes forked before then have their
/// own.
///
/// Thread safety: the serving thread, or one that destroys the server; `running` from any.
/// Lifetime: the destructor needs every fiber to have ended.
class FiberLoops {
 public:
  static constexpr bool kOutlivesServing = false;

  FiberLoops();
  FiberLoops(const FiberLoops&) = delete;
  FiberLoops& operator=(const FiberLoops&) = delete;
  ~FiberLoops();

  /// Moves the request to a new fiber, which serves it by `server.run_request`. In a server that is
  /// not in `serve_forever` returns when that has ended, because nothing runs fibers afterwards.
  ///
  /// @throws OSError when there is no memory for a fiber; the request is untouched then.
  void start(BaseServer& server, Request& request, const Address& client_address);

  /// Runs fibers until `fd` is readable (−1: not for that), the server's wake-up, the deadline, or
  /// a stop when `until_stop`; true when `fd` is readable.
  bool wait_for_request(BaseServer& server, int fd, Deadline deadline, bool until_stop);

  /// When the server is stopping, ends the waits of idle connections; when it is forced to, all.
  void cut_waits();

  /// How many requests there are, those included whose connections wait without a fiber.
  std::size_t running() const noexcept;

  /// How many connections wait without a fiber.
  std::size_t parked() const noexcept;

  /// Whether there are fewer requests than `connections`, and fewer than `fibers` of them have a
  /// fiber (0: any number). If not, the next one to end wakes the server.
  bool has_room(std::size_t connections, std::size_t fibers) const noexcept;

  /// Runs fibers until none is left; false when `deadline` passed first.
  bool wait_idle(Deadline deadline);

  /// In a child process: begins anew, without what is the parent's.
  void leave_to_parent();

 private:
  struct Connection;
  class Loop;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace detail
}  // namespace socketserver
