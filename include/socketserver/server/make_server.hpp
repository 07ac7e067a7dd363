#pragma once

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>

#include <socketserver/server/base_server.hpp>

namespace socketserver {

namespace detail {

/// The most derived class of a server: where its hooks can be called by construction, and where its
/// requests end before any part of it does.
template <std::derived_from<BaseServer> Server>
class MadeServer final : public Server {
 public:
  template <class... Args>
  explicit MadeServer(bool bind, Args&&... args) : Server(std::forward<Args>(args)...) {
    if (!bind) return;
    // The base classes close what was opened when one of these throws.
    this->server_bind();
    this->server_activate();
  }

  ~MadeServer() override { this->end_requests(); }
};

}  // namespace detail

/// Makes a server of a class that overrides hooks: constructs it unbound, then calls
/// `server_bind()` and `server_activate()` as the class overrides them (unless
/// `options.bind_and_activate` is false).
///
/// `Server` must have a constructor with the parameters of TCPServer's: `using
/// TCPServer::TCPServer;` gives it one. The server ends all its requests before the members of
/// `Server` go.
///
/// @throws what the constructor and the two hooks throw; everything that was opened is closed.
template <std::derived_from<BaseServer> Server, class... More>
std::unique_ptr<Server> make_server(Address server_address,
                                    typename Server::Handler request_handler,
                                    ServerOptions options = {}, More&&... more) {
  const bool bind = std::exchange(options.bind_and_activate, false);
  return std::make_unique<detail::MadeServer<Server>>(
      bind, std::move(server_address), std::move(request_handler), std::move(options),
      std::forward<More>(more)...);
}

}  // namespace socketserver
