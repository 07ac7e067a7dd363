#pragma once

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/log.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/server/handler.hpp>
#include <socketserver/server/options.hpp>
#include <socketserver/server/request.hpp>

namespace socketserver {

namespace detail {
class Parking;
class ServerLoop;
class UnixSocketFile;
struct EngineAccess;
struct Entrance;
}  // namespace detail

/// How the service of a request ended.
struct RequestOutcome {
  /// Something was thrown that `handle_error` has been told.
  bool failed = false;

  /// A SystemExit or KeyboardInterrupt that the handler threw, for the engine to act on; else null.
  std::exception_ptr exit;
};

/// What every server has: the loop, its stopping, the hooks and the one path of errors.
///
/// For the caller: `serve_forever` or `handle_request`, `shutdown`, `server_close`.
/// For overriding: the hooks. Each names the thread that it runs on: "constructor's", "serving"
/// (the one in `serve_forever` or `handle_request`), or "worker" (the one that the engine gave the
/// request to; the serving thread itself when there is no mix-in).
///
/// A class that overrides `server_bind` or `server_activate` is built with `make_server`, because a
/// constructor cannot call what a derived class overrides.
///
/// Thread safety: `shutdown`, `stop_requested`, `server_address` and `options` from any thread; the
/// rest from the serving thread or while nothing is served.
/// Lifetime: the destructor waits until no handler can touch the server any more; no thread may be
/// in `serve_forever` or `handle_request` by then. Handlers that use members or hooks of a derived
/// server need `make_server`, or a finished `serve_forever` of a server without daemon threads,
/// before that server is destroyed.
///
/// Source: Python `socketserver.BaseServer`.
class BaseServer {
 public:
  BaseServer(const BaseServer&) = delete;
  BaseServer& operator=(const BaseServer&) = delete;
  virtual ~BaseServer();

  /// Whether a class brings an engine; a server has at most one.
  static constexpr bool kHasEngine = false;

  /// Whether a class serves from worker processes; see PreforkMixIn.
  static constexpr bool kPreforks = false;

  // For the caller

  /// Serves requests until `shutdown()`.
  ///
  /// Every `poll_interval` of idleness, and after every request, calls `service_actions()`.
  /// Before it returns, idle connections are closed at once and running requests get
  /// `limits.drain_grace`; then their waits are cancelled. After that no request that it started
  /// can touch the server (daemon threads that ignore the cancellation excepted; they are
  /// reported). May be called again afterwards.
  ///
  /// @throws KeyboardInterrupt after a signal that StopOnSignals watches; SystemExit from a handler
  ///         that runs on this thread; OSError `bad_file_descriptor` when the server is closed;
  ///         std::logic_error when the server is being served already.
  virtual void serve_forever(Duration poll_interval = std::chrono::milliseconds(500));

  /// Waits for one request and hands it to the engine; calls `handle_timeout()` when
  /// `options().timeout` or the listening socket's timeout passes first, whichever is shorter.
  ///
  /// @throws OSError `bad_file_descriptor` when the server is closed; KeyboardInterrupt after a
  ///         signal that StopOnSignals watches.
  void handle_request();

  /// Ends `serve_forever()` and returns when its loop has ended; the running requests are not
  /// waited for. From the serving thread (a handler of a synchronous server, a hook) it only asks.
  ///
  /// Before the first `serve_forever()` it is remembered: that call returns at once. After a loop
  /// has ended it does nothing. In a signal handler prefer StopOnSignals, which never waits: here
  /// the loop may be waiting for a lock that the interrupted thread holds.
  ///
  /// Differs from Python: no deadlock from a handler, no wait for a loop that has not started.
  void shutdown() noexcept;

  /// Whether `shutdown()` was asked and the server has not ended yet.
  bool stop_requested() const noexcept;

  /// Closes the listening socket and waits for handlers as the engine promises. A second call does
  /// nothing.
  virtual void server_close();

  /// The descriptor to poll in a loop of your own; −1 after `server_close()`. It is the listening
  /// one, or an epoll instance when the server has several addresses.
  int fileno() const noexcept { return all_sockets_ ? all_sockets_.get() : socket_.fileno(); }

  /// Where the server listens: the real port after binding. As passed before.
  const Address& server_address() const noexcept { return server_address_; }

  /// As `server_address`, for all the addresses of a server that has several.
  std::vector<Address> server_addresses() const;

  /// The listening socket; the one of the first address.
  Socket& socket() noexcept { return socket_; }

  const ServerOptions& options() const noexcept { return options_; }  ///< As they were given.

  /// Python's names for what the options say. They are no hooks: to set one, pass an option.
  const RequestHandler& RequestHandlerClass() const noexcept { return handler_; }
  AddressFamily address_family() const noexcept { return server_address_.family(); }
  SocketType socket_type() const noexcept { return socket_type_; }
  virtual std::optional<Duration> timeout() const { return options_.timeout; }
  bool allow_reuse_address() const { return options_.allow_reuse_address.value_or(false); }
  int request_queue_size() const noexcept;

  /// `limits.max_connections`, or as many as the process had descriptors for at the start.
  std::size_t max_connections() const noexcept { return max_connections_; }

  /// Writes to the log sink of the options.
  void log(LogLevel level, std::string_view message) const {
    if (options_.log) options_.log(level, message);
  }

  // Hooks

  /// Binds the socket and updates `server_address`. Thread: constructor's.
  virtual void server_bind() = 0;

  /// Starts listening. Thread: constructor's.
  virtual void server_activate() = 0;

 protected:
  /// Neither binds nor listens: leaf classes do.
  BaseServer(Address server_address, RequestHandler request_handler, ServerOptions options,
             SocketType socket_type);

  /// Opens a socket for each address, or takes the inherited one over.
  void open_sockets();

  /// Binds every socket as the options say; `server_addresses()` are the real ones from then on.
  void bind_sockets();

  /// How many sockets the server listens on, and each of them; the first is `socket()`.
  std::size_t socket_count() const noexcept { return 1 + more_sockets_.size(); }
  Socket& socket(std::size_t index) { return index == 0 ? socket_ : more_sockets_.at(index - 1); }

  /// The socket to take the next request from: the first in turn that has one. Thread: serving.
  std::size_t ready_socket();

  /// Takes one request from `socket(ready_socket())`; an OSError: there was none. Thread: serving.
  virtual std::pair<Request, Address> get_request() = 0;

  /// Whether to serve this client; if not, the request is shut down. Must not block. Thread:
  /// serving.
  virtual bool verify_request(Request& request, const Address& client_address);

  /// Has the request served: here and now unless a mix-in hands it to a worker. An override that
  /// keeps the request moves it away. Again when a parked one goes on, except under fibers. Thread:
  /// serving.
  virtual void process_request(Request& request, const Address& client_address);

  /// Makes the handler and runs it. Thread: worker.
  virtual void finish_request(Request& request, const Address& client_address);

  /// Ends the request in good order, then closes it; closes it. Thread: worker; serving when it was
  /// refused or parked.
  virtual void shutdown_request(Request& request);
  virtual void close_request(Request& request);

  /// Reports the exception in flight (`std::current_exception()`) of a request as an error. A
  /// client that went away is one line at LogLevel::debug instead, one that was too slow for a
  /// timeout one line at LogLevel::info. Thread: worker.
  virtual void handle_error(Request& request, const Address& client_address);

  /// Called when `handle_request()` timed out. Thread: serving.
  virtual void handle_timeout() {}
  /// Called on every turn of `serve_forever()`. Thread: serving.
  virtual void service_actions() {}

  // For mix-ins

  /// finish_request → handle_error → shutdown_request, whatever throws; a connection that parks is
  /// not shut down but taken away. Thread: worker.
  RequestOutcome run_request(Request& request, const Address& client_address) noexcept;

  /// Waits until `fd` is readable (−1: not for that), `wake()`, the deadline, or a stop when
  /// `until_stop`; true when `fd` is. An engine whose work is done on this thread does it here.
  /// Thread: serving.
  virtual bool wait_for_request(int fd, Deadline deadline, bool until_stop);

  /// Whether another request can be taken at once, without waiting; then it is. Saves a busy server
  /// a wait for each. Thread: serving.
  virtual bool request_at_hand() { return false; }
  /// Whether another request may be taken; accepting pauses while not. Thread: serving.
  virtual bool has_room() const { return true; }

  /// Whether there is also room for another connection beside the parked ones. Thread: serving.
  virtual bool has_connection_room() const;

  /// Connections that wait for their next bytes without a worker.
  virtual std::size_t parked_connections() const noexcept;

  /// Has a verified request processed: at once, or when its first bytes are there if its handlers
  /// park. Thread: serving.
  virtual void admit_request(Request& request, const Address& client_address);

  /// How long a worker waits for a connection's next message before that parks. Any thread.
  virtual Duration parking_patience() const noexcept { return Duration::zero(); }

  /// Lets the loop look at `has_room()` again. Any thread.
  void wake() noexcept;

  /// Waits for the requests that workers have, within the grace of a stop. Thread: serving.
  virtual void drain() {}

  /// Ends the requests that were handed to workers, before the part of the server that they use
  /// goes. Destructors of most derived classes call it. Thread: the destructor's.
  virtual void end_requests() {}

  /// In a child process that serves on its own: leaves workers and event loops to the parent.
  virtual void leave_workers() {}

  /// Cancels the waits of idle connections, and of all others once `drain_grace` has passed, as
  /// `shutdown()` does; for an engine that ends without a loop.
  void begin_stop() noexcept;

  /// Cancels every wait now.
  void force_stop() noexcept;

  /// Whether every wait is cancelled, by `force_stop`, a second signal, or the end of the grace.
  bool stop_is_forced() const noexcept;

  /// When the grace of the stop that was asked ends; never when none was asked.
  Deadline stop_deadline() const noexcept;

  /// What the loop waits for and how it is stopped.
  detail::ServerLoop& loop() noexcept { return *loop_; }

  /// In such a child process: takes `loop` in place of the parent's, and returns that one.
  std::unique_ptr<detail::ServerLoop> renew_loop(std::unique_ptr<detail::ServerLoop> loop) noexcept;

  /// In a child process that serves one request: closes its listeners and parked connections.
  void leave_listeners() noexcept;

  Socket socket_;           ///< Opened and bound by the derived classes.
  Address server_address_;  ///< As passed; after binding, as bound.

 private:
  friend class StopOnSignals;
  friend struct detail::EngineAccess;
  void bind_socket(Socket& socket, Address& address);
  void join_sockets();
  void forget_sockets() noexcept;
  void close_sockets() noexcept;
  void require_open() const;
  void serve_until_stopped(Duration poll_interval);
  void serve_turn(Duration poll_interval);
  void handle_request_noblock(bool refuses);
  bool admits(Request& request, const Address& client_address);
  void serve_parked();
  template <class Serve>
  void serve_or_fail(Request& request, const Address& client_address, Serve serve);
  void fail_request(Request& request, const Address& client_address) noexcept;
  void end_request(Request& request) noexcept;
  void end_all_parked() noexcept;
  void end_parked(Request& request, const Address& client_address) noexcept;
  void end_unless_ended(Request& request) noexcept;

  const RequestHandler handler_;
  const ServerOptions options_;
  const SocketType socket_type_;
  const std::size_t max_connections_;
  std::vector<Socket> more_sockets_;     // those of options_.more_addresses
  std::vector<Address> more_addresses_;  // as bound
  UniqueFd all_sockets_;                 // an epoll instance when there are several
  std::vector<detail::UnixSocketFile> socket_files_;
  std::size_t next_socket_ = 0;
  std::unique_ptr<detail::ServerLoop> loop_;
  std::unique_ptr<detail::Entrance> entrance_;
  std::unique_ptr<detail::Parking> parking_;  // of handlers that park
  bool parks_now_ = false;                    // in serve_forever; thread: serving
};

}  // namespace socketserver
