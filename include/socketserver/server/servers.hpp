#pragma once

#include <socketserver/server/fiber_mixin.hpp>
#include <socketserver/server/forking_mixin.hpp>
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

/// Each request on a fiber of its own, all on one event loop. These need the component `fiber`.
using FiberTCPServer = FiberMixIn<TCPServer>;
using FiberUDPServer = FiberMixIn<UDPServer>;
using FiberUnixStreamServer = FiberMixIn<UnixStreamServer>;
using FiberUnixDatagramServer = FiberMixIn<UnixDatagramServer>;

/// Each request in a child process of its own.
using ForkingTCPServer = ForkingMixIn<TCPServer>;
using ForkingUDPServer = ForkingMixIn<UDPServer>;
using ForkingUnixStreamServer = ForkingMixIn<UnixStreamServer>;
using ForkingUnixDatagramServer = ForkingMixIn<UnixDatagramServer>;

/// All requests on a bounded number of threads.
using ThreadPoolTCPServer = ThreadPoolMixIn<TCPServer>;
using ThreadPoolUDPServer = ThreadPoolMixIn<UDPServer>;
using ThreadPoolUnixStreamServer = ThreadPoolMixIn<UnixStreamServer>;
using ThreadPoolUnixDatagramServer = ThreadPoolMixIn<UnixDatagramServer>;

}  // namespace socketserver
