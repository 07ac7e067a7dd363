#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <socketserver/server/base_server.hpp>

namespace socketserver::soak {

/// An echo server on any port of 127.0.0.1: of lines over TCP, of packets over UDP.
struct EchoServer {
  std::unique_ptr<BaseServer> server;
  bool has_workers;  // processes that serve in its place
};

/// @param name What an engine and a transport make, such as "PreforkFiberTCPServer".
/// @param workers Threads of a pool, event loops, processes.
/// @throws std::invalid_argument There is no such class.
EchoServer make_echo_server(const std::string& name, std::size_t workers);

}  // namespace socketserver::soak
