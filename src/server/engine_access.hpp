#pragma once

#include <exception>

#include <socketserver/server/base_server.hpp>

namespace socketserver::detail {

/// What the engines' own classes need of a server, beside what it offers its mix-ins.
struct EngineAccess {
  static std::exception_ptr run_request(BaseServer& server, Request& request,
                                        const Address& client_address) noexcept {
    return server.run_request(request, client_address);
  }
  static void wake(BaseServer& server) noexcept { server.wake(); }
  static ServerLoop& loop(BaseServer& server) noexcept { return server.loop(); }
};

}  // namespace socketserver::detail
