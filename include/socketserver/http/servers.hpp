#pragma once

#include <socketserver/http/server.hpp>
#include <socketserver/server/fiber_mixin.hpp>
#include <socketserver/server/forking_mixin.hpp>
#include <socketserver/server/prefork_mixin.hpp>
#include <socketserver/server/thread_pool_mixin.hpp>

// The stock HTTP servers, spelled as the TCP ones are. Source: Python's `http.server`, which has
// HTTPServer and ThreadingHTTPServer.

namespace socketserver {

/// All connections on a bounded number of threads.
using ThreadPoolHTTPServer = ThreadPoolMixIn<HTTPServer>;

/// Each connection in a child process of its own.
using ForkingHTTPServer = ForkingMixIn<HTTPServer>;

/// Each connection on a fiber of its own, all on one event loop. Needs the component `fiber`.
///
/// `PreforkMixIn<FiberHTTPServer>` does so in each of several processes.
using FiberHTTPServer = FiberMixIn<HTTPServer>;

extern template class ThreadPoolMixIn<HTTPServer>;
extern template class ForkingMixIn<HTTPServer>;
extern template class PreforkMixIn<HTTPServer>;

}  // namespace socketserver
