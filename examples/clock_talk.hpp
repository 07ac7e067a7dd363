#pragma once

// What both versions of clockforkserver do for a client, and the short one of them.

#include <chrono>
#include <csignal>
#include <ctime>
#include <iostream>
#include <string>

#include <socketserver/base/sleep.hpp>
#include <socketserver/socketserver.hpp>

#include "clock.hpp"
#include "example_support.hpp"

namespace example {

/// Answers questions until the client leaves. Each line is flushed: the process is about to end.
inline void handle_client(socketserver::Socket& client, std::chrono::seconds delay) {
  std::cout << "client is blocked for ten seconds ..." << std::endl;
  socketserver::sleep_for(delay);
  std::cout << "handling a client ..." << std::endl;
  for (;;) {
    const std::string data = client.recv(kQuestionSize);
    if (data.empty()) break;
    std::cout << "received \"" << data << "\" from client" << std::endl;
    const std::string now = ctime(std::time(nullptr));
    std::cout << "sending \"" << now << "\" to client" << std::endl;
    client.sendall(now);
  }
  std::cout << "closing client socket, exiting child process" << std::endl;
}

/// The whole server, by the library.
inline void serve_by_library(const Arguments& arguments, const socketserver::Address& address,
                             std::chrono::seconds delay) {
  socketserver::ForkingTCPServer server(address, [delay](socketserver::BaseRequestHandler& self) {
    handle_client(self.request().socket(), delay);
  });
  const socketserver::StopOnSignals stop(server, {SIGINT});
  arguments.announce(server);
  try {
    server.serve_forever();
  } catch (const socketserver::KeyboardInterrupt&) {
    std::cout << "ctrl c pressed, closing server" << std::endl;
  }
}

}  // namespace example
