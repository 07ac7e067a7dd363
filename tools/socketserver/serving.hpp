#pragma once

#include <string>

#include <socketserver/server/base_server.hpp>

namespace socketserver::tool {

/// Prints `announcement` and serves until SIGINT or SIGTERM; then says which of them came. A second
/// one cuts the drain short.
void serve_until_signal(BaseServer& server, const std::string& announcement);

}  // namespace socketserver::tool
