#pragma once

#include <functional>
#include <string>

#include <socketserver/base/deadline.hpp>
#include <socketserver/server/base_server.hpp>

namespace socketserver::tool {

/// Prints `announcement` and serves until SIGINT or SIGTERM; then says which of them came. The next
/// one cuts the drain short.
///
/// @param delay  from the signal to the stop, which another signal asks for at once.
/// @param begun  called when all that is left to do is to serve.
void serve_until_signal(BaseServer& server, const std::string& announcement,
                        Duration delay = Duration::zero(), const std::function<void()>& begun = {});

}  // namespace socketserver::tool
