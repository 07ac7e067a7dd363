#pragma once

#include <utility>

#include <socketserver/server/base_server.hpp>

namespace socketserver {

/// Serves TCP connections, one after the other on the serving thread.
///
/// ```cpp
/// TCPServer server({"localhost", 9999}, handler<Echo>());
/// server.serve_forever();
/// ```
/// A client that keeps its connection keeps all others waiting: choose ThreadingTCPServer unless
/// requests are short.
///
/// Source: Python `socketserver.TCPServer`.
class TCPServer : public BaseServer {
 public:
  /// What the constructor takes for its handler.
  using Handler = StreamHandler;

  /// Binds and listens unless `options.bind_and_activate` is false.
  ///
  /// @param server_address  an IP address; port 0 lets the system choose, see `server_address()`.
  /// @param request_handler  `handler<H>(…)` or a function, kept by the server.
  /// @throws OSError when the address cannot be had, `std::errc::address_in_use` among others.
  TCPServer(Address server_address, StreamHandler request_handler, ServerOptions options = {});

  /// Binds with the options of the class: address and port reuse.
  void server_bind() override;

  /// Listens with a queue of `request_queue_size()`.
  void server_activate() override;

 protected:
  std::pair<Request, Address> get_request() override;
  void shutdown_request(Request& request) override;
};

}  // namespace socketserver
