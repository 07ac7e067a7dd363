#include "serving.hpp"

#include <csignal>
#include <iostream>

#include <socketserver/base/error.hpp>
#include <socketserver/server/stop_on_signals.hpp>

namespace socketserver::tool {

void serve_until_signal(BaseServer& server, const std::string& announcement, Duration delay,
                        const std::function<void()>& begun) {
  // Before the announcement: whoever reads it may already send the signal.
  const StopOnSignals stop(server, {SIGINT, SIGTERM}, delay);
  // Flushed, so that a script that waits for this line gets it also through a pipe.
  std::cout << announcement << std::endl;
  if (begun) begun();
  try {
    server.serve_forever();
  } catch (const KeyboardInterrupt& interrupt) {
    // The terminal has echoed ^C at the start of a line.
    std::cout << (interrupt.signal == SIGINT ? "\nStopped by Ctrl-C" : "Stopped by SIGTERM")
              << std::endl;
  }
}

}  // namespace socketserver::tool
