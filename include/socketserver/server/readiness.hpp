#pragma once

#include <socketserver/server/base_server.hpp>

namespace socketserver {

/// Whether a server should be sent clients, as balancers want to know.
enum class Readiness {
  ready,       ///< There is room for another client.
  overloaded,  ///< Another client would wait or be refused.
  stopping,    ///< A stop has begun, or a StopOnSignals has announced it.
};

/// How the server is doing, for a handler that answers health checks.
///
/// `overloaded` means that the server takes no further connection: `max_connections()` are open,
/// the request that asks included; or as many requests are served as its engine serves at once; or
/// descriptors, memory or threads have run out and accepting pauses. It is what the loop saw when
/// it last looked, which it does after every request that it takes and whenever there may be room
/// again. A server without an engine serves whoever asks, and is overloaded by connections only.
///
/// Of a prefork server each worker tells its own limits; that the master stops they all know, and
/// that one of them is replaced is no stop. A server that is not being served is `ready`
/// unless it has been asked to stop.
///
/// Thread safety: any thread, and child processes that serve a request.
Readiness readiness(const BaseServer& server) noexcept;

}  // namespace socketserver
