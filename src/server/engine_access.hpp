#pragma once

#include <memory>
#include <utility>

#include <socketserver/server/base_server.hpp>

#include "server/server_loop.hpp"

namespace socketserver::detail {

/// What the engines' own classes need of a server, beside what it offers its mix-ins.
struct EngineAccess {
  static RequestOutcome run_request(BaseServer& server, Request& request,
                                    const Address& client_address) noexcept {
    return server.run_request(request, client_address);
  }
  static void close_request(BaseServer& server, Request& request) { server.close_request(request); }
  /// Reports the exception in flight as the request's error, then ends the request.
  static void fail_request(BaseServer& server, Request& request,
                           const Address& client_address) noexcept {
    server.fail_request(request, client_address);
    server.end_request(request);
  }
  static void end_request(BaseServer& server, Request& request) noexcept {
    server.end_request(request);
  }
  static Duration parking_patience(const BaseServer& server) noexcept {
    return server.parking_patience();
  }
  static void wake(BaseServer& server) noexcept { server.wake(); }
  static ServerLoop& loop(BaseServer& server) noexcept { return server.loop(); }
  static const ServerLoop& loop(const BaseServer& server) noexcept { return *server.loop_; }
  static std::unique_ptr<ServerLoop> renew_loop(BaseServer& server,
                                                std::unique_ptr<ServerLoop> loop) noexcept {
    return server.renew_loop(std::move(loop));
  }
  static void leave_workers(BaseServer& server) { server.leave_workers(); }
  static Entrance& entrance(BaseServer& server) noexcept { return *server.entrance_; }
  static void leave_listeners(BaseServer& server) noexcept { server.leave_listeners(); }
};

}  // namespace socketserver::detail
