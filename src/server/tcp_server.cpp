#include <socketserver/server/tcp_server.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "net/sockaddr.hpp"

namespace socketserver {
namespace {

// What the kernel may hold of a connection's output that is not on its way yet.
constexpr int kUnsentBytes = 128 * 1024;

}  // namespace

TCPServer::TCPServer(Address server_address, StreamHandler request_handler, ServerOptions options)
    : BaseServer(std::move(server_address), std::move(request_handler), std::move(options),
                 SocketType::stream) {
  open_sockets();
  if (!this->options().bind_and_activate) return;
  TCPServer::server_bind();
  TCPServer::server_activate();
}

void TCPServer::server_bind() {
  // Connections inherit it. Without it the kernel queues megabytes for a client that reads slowly
  // or not at all, and its progress shows only when a third of them are through.
  for (std::size_t i = 0; i < socket_count(); ++i) {
    if (detail::family_of(socket(i).fileno()) == AF_UNIX) continue;
    socket(i).set_option(IPPROTO_TCP, TCP_NOTSENT_LOWAT, kUnsentBytes);
  }
  bind_sockets();
}

void TCPServer::server_activate() {
  for (std::size_t i = 0; i < socket_count(); ++i) socket(i).listen(request_queue_size());
}

std::pair<Request, Address> TCPServer::get_request() {
  auto [connection, client_address] = socket(ready_socket()).accept();
  return {Request(std::move(connection)), std::move(client_address)};
}

void TCPServer::shutdown_request(Request& request) {
  request.stream().shutdown_write();
  close_request(request);
}

}  // namespace socketserver
