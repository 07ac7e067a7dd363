#pragma once

#include <optional>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/limits.hpp>
#include <socketserver/base/log.hpp>

namespace socketserver {

/// How a server is set up: the class attributes of Python's servers, under their names.
///
/// Write `{.request_queue_size = 16, .timeout = 5s}`. Fixed once the server is constructed. An
/// absent value means the default of the server's class.
struct ServerOptions {
  /// Bind and listen in the constructor. Otherwise call `server_bind()` and `server_activate()`.
  bool bind_and_activate = true;

  /// SO_REUSEADDR: take a port whose last connections still linger in TIME_WAIT. Never takes it
  /// from a live listener. Default: no; HTTP servers: yes.
  std::optional<bool> allow_reuse_address = {};

  /// SO_REUSEPORT: share the port with other listeners that set it too.
  bool allow_reuse_port = false;

  /// Connections that the kernel keeps waiting for `accept`; the system may lower it. Default:
  /// SOMAXCONN.
  std::optional<int> request_queue_size = {};

  /// How long `handle_request()` waits for a request before it calls `handle_timeout()`, from the
  /// call. `serve_forever()` ignores it.
  std::optional<Duration> timeout = {};

  /// Threading servers: `server_close()` does not wait for running handlers. Default: it does,
  /// except for ThreadingHTTPServer.
  std::optional<bool> daemon_threads = {};

  /// Threading servers: `server_close()` waits for running handlers, unless they are daemons. If
  /// not, `serve_forever()` too gives up on handlers that ignore the end of the grace.
  bool block_on_close = true;

  /// The bounds that keep peers from using up the server.
  Limits limits = {};

  /// Where reports go; an empty sink drops them.
  LogSink log = stderr_log();
};

}  // namespace socketserver
