#include <socketserver/server/tcp_server.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <socketserver/base/error.hpp>

namespace socketserver {
namespace {

// What the kernel may hold of a connection's output that is not on its way yet.
constexpr int kUnsentBytes = 128 * 1024;

/// Opens the listening socket: for "" one that serves both IP versions where the machine can.
Socket open_listener(const Address& address) {
  if (address.is_any_dual_stack()) {
    try {
      return Socket::open(AddressFamily::inet6, SocketType::stream);
    } catch (const OSError& error) {
      if (error.code() != std::errc::address_family_not_supported) throw;
    }
  }
  return Socket::open(address.family(), SocketType::stream);
}

}  // namespace

TCPServer::TCPServer(Address server_address, StreamHandler request_handler, ServerOptions options)
    : BaseServer(std::move(server_address), std::move(request_handler), std::move(options)) {
  socket_ = open_listener(server_address_);
  if (!this->options().bind_and_activate) return;
  TCPServer::server_bind();
  TCPServer::server_activate();
}

void TCPServer::server_bind() {
  if (allow_reuse_address()) socket_.set_option(SOL_SOCKET, SO_REUSEADDR, 1);
  if (options().allow_reuse_port) socket_.set_option(SOL_SOCKET, SO_REUSEPORT, 1);
  // Connections inherit it. Without it the kernel queues megabytes for a client that reads slowly
  // or not at all, and its progress shows only when a third of them are through.
  socket_.set_option(IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytes);
  socket_.bind(server_address_);
  const Address bound = socket_.getsockname();
  // "" keeps showing as 0.0.0.0, which it also is.
  server_address_ =
      server_address_.is_any_dual_stack() ? server_address_.with_port(bound.port()) : bound;
}

void TCPServer::server_activate() {
  socket_.listen(request_queue_size());
}

std::pair<Request, Address> TCPServer::get_request() {
  auto [connection, client_address] = socket_.accept();
  return {Request(std::move(connection)), std::move(client_address)};
}

void TCPServer::shutdown_request(Request& request) {
  request.stream().shutdown_write();
  close_request(request);
}

}  // namespace socketserver
