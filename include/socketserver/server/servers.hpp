#pragma once

#include <socketserver/server/tcp_server.hpp>
#include <socketserver/server/thread_pool_mixin.hpp>
#include <socketserver/server/threading_mixin.hpp>
#include <socketserver/server/udp_server.hpp>
#include <socketserver/server/unix_server.hpp>

// The stock servers: every transport under every engine. Source: Python's `socketserver`, which has
// the threading and the forking ones.

namespace socketserver {

/// Each request on a thread of its own.
using ThreadingTCPServer = ThreadingMixIn<TCPServer>;
using ThreadingUDPServer = ThreadingMixIn<UDPServer>;
using ThreadingUnixStreamServer = ThreadingMixIn<UnixStreamServer>;
using ThreadingUnixDatagramServer = ThreadingMixIn<UnixDatagramServer>;

/// All requests on a bounded number of threads.
using ThreadPoolTCPServer = ThreadPoolMixIn<TCPServer>;
using ThreadPoolUDPServer = ThreadPoolMixIn<UDPServer>;
using ThreadPoolUnixStreamServer = ThreadPoolMixIn<UnixStreamServer>;
using ThreadPoolUnixDatagramServer = ThreadPoolMixIn<UnixDatagramServer>;

}  // namespace socketserver
