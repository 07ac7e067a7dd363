#pragma once

#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/threading_mixin.hpp>

namespace socketserver {

/// Serves TCP connections, each on a thread of its own.
///
/// Source: Python `socketserver.ThreadingTCPServer`.
using ThreadingTCPServer = ThreadingMixIn<TCPServer>;

}  // namespace socketserver
