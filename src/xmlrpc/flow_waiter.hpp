#pragma once

#include <socketserver/net/waiter.hpp>

namespace socketserver::xmlrpc {

/// The waiter of sockets that any flow may use, whatever engine it belongs to: a thread sleeps in
/// poll(2), a fiber parks while one thread waits for all fibers (see Watcher). It knows no engine,
/// and so no fiber's loop has to forget a connection that outlives the fiber.
///
/// Thread safety: all of it.
Waiter& flow_waiter() noexcept;

}  // namespace socketserver::xmlrpc
