#include <socketserver/server/readiness.hpp>

#include "server/engine_access.hpp"
#include "server/server_loop.hpp"

namespace socketserver {

Readiness readiness(const BaseServer& server) noexcept {
  const detail::ServerLoop& loop = detail::EngineAccess::loop(server);
  if (loop.stop_announced() && !loop.hands_over()) return Readiness::stopping;
  return loop.is_full() ? Readiness::overloaded : Readiness::ready;
}

}  // namespace socketserver
