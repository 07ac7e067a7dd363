#pragma once

#include <string>
#include <vector>

#include <socketserver/server/base_server.hpp>

namespace socketserver::testing {

/// What the handler of `server` writes to a client that sends `request` and ends its stream: one
/// element for each system call.
///
/// @param request  what one read takes: at most 8192 bytes.
std::vector<std::string> packets_of(BaseServer& server, const std::string& request);

}  // namespace socketserver::testing
