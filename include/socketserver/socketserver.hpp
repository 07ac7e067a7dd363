#pragma once

/// Everything of the `socketserver` module: servers, mix-ins, handlers.
///
/// ```cpp
/// struct Echo : StreamRequestHandler {
///   void handle() override {
///     while (auto line = rfile().readline()) wfile().write(*line);
///   }
/// };
/// int main() { ThreadingTCPServer({"", 8881}, handler<Echo>()).serve_forever(); }
/// ```

#include <socketserver/base/condition_variable.hpp>
#include <socketserver/base/error.hpp>
#include <socketserver/base/limits.hpp>
#include <socketserver/base/log.hpp>
#include <socketserver/base/mutex.hpp>
#include <socketserver/base/offload.hpp>
#include <socketserver/base/sleep.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/datagram.hpp>
#include <socketserver/net/reader.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/net/writer.hpp>
#include <socketserver/server/base_handler.hpp>
#include <socketserver/server/base_server.hpp>
#include <socketserver/server/datagram_handler.hpp>
#include <socketserver/server/handler.hpp>
#include <socketserver/server/inherited_sockets.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/options.hpp>
#include <socketserver/server/prefork_mixin.hpp>
#include <socketserver/server/readiness.hpp>
#include <socketserver/server/servers.hpp>
#include <socketserver/server/stop_on_signals.hpp>
#include <socketserver/server/stream_handler.hpp>
#include <socketserver/server/thread_name.hpp>
