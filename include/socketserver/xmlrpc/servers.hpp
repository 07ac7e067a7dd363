#pragma once

#include <socketserver/server/fiber_mixin.hpp>
#include <socketserver/server/forking_mixin.hpp>
#include <socketserver/server/prefork_mixin.hpp>
#include <socketserver/server/thread_pool_mixin.hpp>
#include <socketserver/server/threading_mixin.hpp>
#include <socketserver/xmlrpc/doc_server.hpp>
#include <socketserver/xmlrpc/server.hpp>

// The stock XML-RPC servers under every engine, spelled as the HTTP ones are. Source: none in
// Python, where everyone writes `class S(ThreadingMixIn, SimpleXMLRPCServer)`.

namespace socketserver {

/// Each connection on a thread of its own.
using ThreadingXMLRPCServer = ThreadingMixIn<SimpleXMLRPCServer>;
using ThreadingMultiPathXMLRPCServer = ThreadingMixIn<MultiPathXMLRPCServer>;
using ThreadingDocXMLRPCServer = ThreadingMixIn<DocXMLRPCServer>;
using ThreadingUnixStreamXMLRPCServer = ThreadingMixIn<UnixStreamXMLRPCServer>;

/// All connections on a bounded number of threads.
using ThreadPoolXMLRPCServer = ThreadPoolMixIn<SimpleXMLRPCServer>;
using ThreadPoolDocXMLRPCServer = ThreadPoolMixIn<DocXMLRPCServer>;

/// Each connection in a child process of its own: what functions change, they change there.
using ForkingXMLRPCServer = ForkingMixIn<SimpleXMLRPCServer>;
using ForkingDocXMLRPCServer = ForkingMixIn<DocXMLRPCServer>;

/// Each connection on a fiber of its own, all on one event loop. Needs the component `fiber`.
using FiberXMLRPCServer = FiberMixIn<SimpleXMLRPCServer>;
using FiberDocXMLRPCServer = FiberMixIn<DocXMLRPCServer>;

extern template class ThreadingMixIn<SimpleXMLRPCServer>;
extern template class ThreadingMixIn<MultiPathXMLRPCServer>;
extern template class ThreadingMixIn<DocXMLRPCServer>;
extern template class ThreadingMixIn<UnixStreamXMLRPCServer>;
extern template class ThreadPoolMixIn<SimpleXMLRPCServer>;
extern template class ThreadPoolMixIn<DocXMLRPCServer>;
extern template class ForkingMixIn<SimpleXMLRPCServer>;
extern template class ForkingMixIn<DocXMLRPCServer>;
extern template class PreforkMixIn<SimpleXMLRPCServer>;

}  // namespace socketserver
