#pragma once

#include <iostream>

#include <socketserver/socketserver.hpp>

namespace socketserver::testing {

/// Prints the port of `server` and serves until a signal; what `main` returns.
inline int run_server(BaseServer& server) {
  const StopOnSignals stop(server);
  std::cout << server.server_address().port() << std::endl;
  try {
    server.serve_forever();
  } catch (const KeyboardInterrupt&) {
    // The usual end.
  }
  return 0;
}

}  // namespace socketserver::testing
