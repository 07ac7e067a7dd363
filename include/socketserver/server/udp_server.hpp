#pragma once

#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <socketserver/server/base_server.hpp>

namespace socketserver {

/// Serves UDP packets, one after the other on the serving thread.
///
/// ```cpp
/// UDPServer server({"localhost", 9999}, handler<Upper>());
/// server.serve_forever();
/// ```
/// Each packet is a request of its own; `client_address` is its sender. Answers leave from the
/// address that the packet was sent to, also when the server listens on all of them. The socket
/// stays open until the last handler has ended, so that a handler that outlives `server_close()`
/// can still answer.
///
/// Differs from Python: not a TCPServer, because it takes other handlers; a packet that is longer
/// than `max_packet_size` says so.
/// Source: Python `socketserver.UDPServer`.
class UDPServer : public BaseServer {
 public:
  /// What the constructor takes for its handler.
  using Handler = DatagramHandler;

  /// Binds unless `options.bind_and_activate` is false.
  ///
  /// @param server_address  an IP address; port 0 lets the system choose, see `server_address()`.
  /// @param request_handler  `handler<H>(…)` or a function, kept by the server.
  /// @throws OSError when the address cannot be had, `std::errc::address_in_use` among others;
  ///         std::out_of_range for a `max_packet_size` of 0 or more than 65,536.
  UDPServer(Address server_address, DatagramHandler request_handler, ServerOptions options = {});

  void server_bind() override;

  /// Nothing: packets need no listening.
  void server_activate() override {}

  void server_close() override;

  /// In bytes; what is longer arrives cut.
  std::size_t max_packet_size() const noexcept { return options().max_packet_size; }

 protected:
  std::pair<Request, Address> get_request() override;
  bool request_at_hand() override;

  /// Lets go of the packet; the server's socket stays open.
  void close_request(Request& request) override;

 private:
  std::error_code receive(std::size_t index);

  std::vector<std::shared_ptr<Socket>> ports_;  // one for each of sockets()
  std::unique_ptr<char[]> buffer_;
  Datagram packet_;
  bool at_hand_ = false;  // the packet waits for `get_request`
  bool tells_destinations_ = false;

  // Requests come from `get_request` above, and not from an override that reads the socket itself.
  bool own_get_request_ = false;
};

}  // namespace socketserver
