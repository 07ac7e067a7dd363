#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/limits.hpp>
#include <socketserver/base/log.hpp>
#include <socketserver/net/address.hpp>

namespace socketserver {

/// How a server is set up: the class attributes of Python's servers, under their names.
///
/// Write `{.request_queue_size = 16, .timeout = 5s}`. Fixed once the server is constructed. An
/// absent value means the default of the server's class.
struct ServerOptions {
  /// Bind and listen in the constructor. Otherwise call `server_bind()` and `server_activate()`.
  bool bind_and_activate = true;

  // Where it listens

  /// Further addresses that the same server listens on. `server_addresses()` has them all.
  std::vector<Address> more_addresses = {};

  /// A bound socket that somebody else opened: a service manager, a parent, an older process. The
  /// server takes it over from the call of its constructor on, closes it, also when the constructor
  /// throws, and ignores the address that it is given.
  /// `inherited_sockets()` finds those of a service manager. Its transport may be another one than
  /// the class stands for: an HTTPServer serves HTTP on a Unix socket, too.
  std::optional<int> inherited_fd = {};

  /// Further ones, as `more_addresses`, whose place in `server_addresses()` is before those.
  std::vector<int> more_inherited_fds = {};

  /// An IPv6 address takes no IPv4 clients (IPV6_V6ONLY). "" always takes both. Default: it takes
  /// them, unless another address of the server is the IPv4 one for all interfaces.
  std::optional<bool> ipv6_only = {};

  /// SO_REUSEADDR: take a port whose last connections still linger in TIME_WAIT. Never takes it
  /// from a live listener. Default: no; HTTP servers: yes.
  std::optional<bool> allow_reuse_address = {};

  /// SO_REUSEPORT: share the port with other listeners that set it too.
  bool allow_reuse_port = false;

  /// Connections that the kernel keeps waiting for `accept`; the system may lower it. Default:
  /// SOMAXCONN.
  std::optional<int> request_queue_size = {};

  // Unix sockets

  /// Removes the socket's file when the server closes, if it is still the one that was bound.
  bool unlink_on_close = false;

  /// Replaces a socket file that nobody listens on any more, as a crash leaves it. A live one is
  /// never taken: `std::errc::address_in_use`.
  bool replace_stale_socket = false;

  /// Permissions of the socket's file, such as 0660. Default: what the umask leaves of 0777.
  std::optional<unsigned> socket_mode = {};

  /// Owner and group of the socket's file, by number. Default: the process's own.
  std::optional<unsigned> socket_owner = {};
  std::optional<unsigned> socket_group = {};

  // Datagrams

  /// The most that is taken of one packet, in bytes, up to 65,536; of a longer one the handler gets
  /// the beginning and `truncated`.
  std::size_t max_packet_size = 8192;

  // Requests

  /// How long `handle_request()` waits for a request before it calls `handle_timeout()`, from the
  /// call. `serve_forever()` ignores it. Default: for ever; forking servers: 300 s.
  std::optional<Duration> timeout = {};

  /// Threading servers: `server_close()` does not wait for running handlers. Default: it does,
  /// except for ThreadingHTTPServer.
  std::optional<bool> daemon_threads = {};

  /// Threading, pool and forking servers: `server_close()` waits for running handlers, unless they
  /// are daemons. If not, `serve_forever()` too gives up on handlers that ignore the end of the
  /// grace.
  bool block_on_close = true;

  /// Forking servers: fork even when the process has other threads. The child has only the one that
  /// forked; a lock that another held at that moment stays locked in it for ever.
  bool fork_with_threads = false;

  /// Pool servers: handlers at work at once. 0: eight for each core. Fiber servers: event loops,
  /// each on a thread of its own; 0: one for each core; default: 1. Prefork servers: processes,
  /// unless `processes` is set; 0 and default: one for each core.
  std::optional<std::size_t> workers = {};

  /// Prefork servers: processes; 0: one for each core; default: as `workers`. With it `workers` is
  /// the number of the engine inside alone: `PreforkMixIn<FiberTCPServer>` with `.processes = 4`
  /// has four processes of one event loop.
  std::optional<std::size_t> processes = {};

  /// Fiber servers: address space for the stack of a handler, in bytes; only what is used costs
  /// memory. At least 16 KiB.
  std::size_t stack_size = std::size_t{128} * 1024;

  /// Fiber servers: an event loop that a handler has kept busy for this long is reported. 0: not.
  Duration stall_limit = Duration::zero();

  /// Pool servers: requests that may wait for a worker; accepting pauses when they are that many.
  std::size_t queue_size = 128;

  /// The bounds that keep peers from using up the server.
  Limits limits = {};

  /// Where reports go; an empty sink drops them.
  LogSink log = stderr_log();
};

}  // namespace socketserver
