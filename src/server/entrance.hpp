#pragma once

#include <socketserver/server/base_server.hpp>

#include "server/accept_pause.hpp"
#include "server/client_limit.hpp"
#include "server/refusals.hpp"

namespace socketserver::detail {

/// What a server looks at before it lets a client in.
///
/// Thread safety: that of its members.
struct Entrance {
  /// @param server  borrowed; all of it but its entrance may be used.
  explicit Entrance(BaseServer& server)
      : clients(server.options().limits.max_connections_per_ip),
        refusals(server, server.RequestHandlerClass().busy_answer()) {}

  AcceptPause pause;
  ClientLimit clients;
  Refusals refusals;
};

}  // namespace socketserver::detail
