#pragma once

#include <cstdint>
#include <string>

#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/threading_mixin.hpp>

namespace socketserver {

/// A TCPServer for HTTP handlers; takes its port back at once after a restart.
///
/// One client at a time: choose ThreadingHTTPServer unless clients are few and quick.
/// Source: Python `http.server.HTTPServer`.
class HTTPServer : public TCPServer {
 public:
  /// As TCPServer, with `allow_reuse_address` on unless `options` says otherwise.
  HTTPServer(Address server_address, StreamHandler request_handler, ServerOptions options = {});

  /// The name of the address that the server is bound to, or that address when it has no name.
  ///
  /// Asks the resolver, which may take seconds. Differs from Python: asked when called, not when
  /// bound.
  std::string server_name() const;

  /// The port that the server is bound to.
  std::uint16_t server_port() const noexcept { return server_address().port(); }
};

extern template class ThreadingMixIn<HTTPServer>;

/// Serves HTTP connections, each on a thread of its own.
///
/// `daemon_threads` is on unless the options say otherwise: `server_close()` does not wait for
/// requests, because `serve_forever()` has done so within `limits.drain_grace`.
/// Source: Python `http.server.ThreadingHTTPServer`.
class ThreadingHTTPServer : public ThreadingMixIn<HTTPServer> {
 public:
  /// Binds and listens, as `HTTPServer` does.
  ThreadingHTTPServer(Address server_address, StreamHandler request_handler,
                      ServerOptions options = {});
  ~ThreadingHTTPServer() override { end_requests(); }
};

}  // namespace socketserver
