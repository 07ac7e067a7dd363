#pragma once

#include <string_view>

#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

namespace socketserver {

class BaseServer;

/// Serves one request: derive from it (or from StreamRequestHandler) and override `handle`.
///
/// For every request a fresh handler is made on the worker's stack, attached to the request, run
/// and destroyed, so it needs no constructor and keeps nothing from one request to the next.
///
/// For overriding: `setup`, then `handle`, then `finish`, which runs also when `handle` throws but
/// not when `setup` does. An exception that leaves any of them reaches the server's `handle_error`
/// once; the request is closed and the server goes on.
///
/// Thread: the worker's.
/// Lifetime: `request()`, `client_address()` and `server()` are valid from `setup` to `finish`, not
/// in the constructor.
/// Differs from Python: the constructor does nothing; the server attaches the handler and runs it.
/// Source: Python `socketserver.BaseRequestHandler`.
class BaseRequestHandler {
 public:
  /// Which transports a handler class can serve; a server refuses the wrong kind at compile time.
  static constexpr bool kServesStreams = true;
  static constexpr bool kServesDatagrams = true;

  /// Whether a connection gets a handler and a worker only with its first bytes, and gives them
  /// back between two messages by `Request::park`. Otherwise it has both from its beginning to its
  /// end.
  static constexpr bool kParks = false;

  /// What a client is told for whom a server of this handler has no room (`max_connections`), and
  /// closed then. "": it is told nothing, and waits in the kernel's queue until there is room.
  static constexpr std::string_view kBusyAnswer = {};

  BaseRequestHandler() = default;
  BaseRequestHandler(const BaseRequestHandler&) = delete;
  BaseRequestHandler& operator=(const BaseRequestHandler&) = delete;
  virtual ~BaseRequestHandler() = default;

  /// The request to be served.
  ///
  /// @throws std::logic_error outside `setup` … `finish`; so do the next three.
  Request& request() const { return attached(request_); }

  /// Who sent the request.
  const Address& client_address() const { return attached(client_address_); }

  /// The server that took the request.
  BaseServer& server() const { return attached(server_); }

  /// The server as the class that you know it to be.
  ///
  /// @throws std::bad_cast when it is another.
  template <class Server>
  Server& server_as() const {
    return dynamic_cast<Server&>(server());
  }

  /// Attaches the request and runs the handler's whole life. Called by
  /// `BaseServer::finish_request`.
  void run(Request& request, const Address& client_address, BaseServer& server);

 protected:
  virtual void setup() {}     ///< Runs before `handle`; when it throws, nothing else runs.
  virtual void handle() = 0;  ///< Serves the request.
  virtual void finish() {}    ///< Runs after `handle`, also when that threw.

 private:
  template <class T>
  static T& attached(T* part) {
    if (part == nullptr) refuse_detached();
    return *part;
  }
  [[noreturn]] static void refuse_detached();

  void run_finish_after_error() noexcept;

  Request* request_ = nullptr;
  const Address* client_address_ = nullptr;
  BaseServer* server_ = nullptr;
};

}  // namespace socketserver
