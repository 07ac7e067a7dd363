#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <memory>
#include <thread>
#include <utility>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/base_server.hpp>
#include <socketserver/server/make_server.hpp>
#include <socketserver/server/unix_server.hpp>
#include <socketserver/testing/wait.hpp>

namespace socketserver::testing {

/// Runs a server's `serve_forever()` on a thread of its own, for a scope.
///
/// ```cpp
/// TCPServer server({"127.0.0.1", 0}, handler<Echo>());
/// ServerThread running(server);
/// RawClient client(server.server_address());
/// ```
/// What the loop throws, SystemExit and KeyboardInterrupt included, is kept for `stop` or `join`.
/// If stopping takes longer than a few seconds, standard error says what it waits for. A server
/// that forks needs `ServerOptions::fork_with_threads` here.
///
/// Thread safety: used by one thread, the one that constructed it.
/// Lifetime: borrows the server, which must outlive it.
class ServerThread {
 public:
  /// @param poll_interval  as for `serve_forever()`.
  explicit ServerThread(BaseServer& server,
                        Duration poll_interval = std::chrono::milliseconds(500));
  ServerThread(const ServerThread&) = delete;
  ServerThread& operator=(const ServerThread&) = delete;

  /// Stops. An exception that nobody has asked for is reported on standard error.
  ~ServerThread();

  /// Shuts the server down and waits until `serve_forever()` has returned. A second call does
  /// nothing.
  ///
  /// @throws what the loop threw, once.
  void stop();

  /// Waits until `serve_forever()` returns by itself.
  ///
  /// @throws what the loop threw, once; TimeoutError after `kPatience`.
  void join();

 private:
  void end_loop();
  void rethrow();

  BaseServer& server_;
  Event ended_;
  std::exception_ptr failure_;  // written by the loop's thread before `ended_`
  std::thread thread_;
};

/// A free end point for a server of this class: port 0 of 127.0.0.1, or an abstract Unix name that
/// the system chooses.
template <std::derived_from<BaseServer> Server>
Address any_address() {
  constexpr bool kUnix =
      std::derived_from<Server, UnixStreamServer> || std::derived_from<Server, UnixDatagramServer>;
  return kUnix ? Address::unix_path("") : Address("127.0.0.1", 0);
}

/// A server on a free port of 127.0.0.1, or a free Unix name, that runs for a scope.
///
/// Made by `make_server`, so `Server` may override any hook.
///
/// ```cpp
/// TestServer<ThreadingTCPServer> server(handler<Echo>());
/// RawClient client(server.address());
/// ```
/// Thread safety: as the server's.
/// Lifetime: stops, then destroys the server.
/// Source: Go `httptest.Server`.
template <std::derived_from<BaseServer> Server>
class TestServer {
 public:
  /// Binds to a free port of 127.0.0.1 and serves on a thread of its own.
  explicit TestServer(typename Server::Handler request_handler, ServerOptions options = {},
                      Duration poll_interval = std::chrono::milliseconds(500))
      : server_(make_server<Server>(any_address<Server>(), std::move(request_handler),
                                    std::move(options))),
        thread_(*server_, poll_interval) {}

  /// Where it listens.
  const Address& address() const noexcept { return server_->server_address(); }
  std::uint16_t port() const noexcept { return address().port(); }

  Server& server() noexcept { return *server_; }  ///< The server that runs.
  Server* operator->() noexcept { return server_.get(); }

  /// As `ServerThread::stop` and `ServerThread::join`.
  void stop() { thread_.stop(); }
  void join() { thread_.join(); }

 private:
  std::unique_ptr<Server> server_;
  ServerThread thread_;
};

}  // namespace socketserver::testing
