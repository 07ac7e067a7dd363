#pragma once

// The command line chooses the server; the handler is the same for all.

#include <memory>

#include <socketserver/socketserver.hpp>

#include "example_support.hpp"

namespace example {

/// The server that `arguments` ask for: a TCP server on their port, unless they hold `--threading`,
/// `--forking`, `--udp`, `--unix PATH` or `--unix-dgram PATH`.
std::unique_ptr<socketserver::BaseServer> choose_server(Arguments& arguments, int default_port,
                                                        const auto& handler) {
  using socketserver::Address;
  const socketserver::ServerOptions file = {.unlink_on_close = true};
  const socketserver::ServerOptions port = {.allow_reuse_address = true};
  if (const auto path = arguments.option("--unix")) {
    const auto address = Address::unix_path(*path);
    return std::make_unique<socketserver::UnixStreamServer>(address, handler, file);
  }
  if (const auto path = arguments.option("--unix-dgram")) {
    const auto address = Address::unix_path(*path);
    return std::make_unique<socketserver::UnixDatagramServer>(address, handler, file);
  }
  const bool udp = arguments.flag("--udp");
  const bool threading = arguments.flag("--threading");
  const bool forking = arguments.flag("--forking");
  const Address address("", arguments.port(0, default_port));
  if (udp) return std::make_unique<socketserver::UDPServer>(address, handler);
  if (threading) return std::make_unique<socketserver::ThreadingTCPServer>(address, handler, port);
  if (forking) return std::make_unique<socketserver::ForkingTCPServer>(address, handler, port);
  return std::make_unique<socketserver::TCPServer>(address, handler, port);
}

}  // namespace example
