#include <socketserver/server/unix_server.hpp>

#include <stdexcept>
#include <utility>

namespace socketserver {
namespace {

Address require_unix(Address address) {
  if (address.family() != AddressFamily::unix_domain) {
    throw std::invalid_argument("not the address of a Unix socket: " + address.to_string());
  }
  return address;
}

}  // namespace

UnixStreamServer::UnixStreamServer(Address server_address, StreamHandler request_handler,
                                   ServerOptions options)
    : TCPServer(require_unix(std::move(server_address)), std::move(request_handler),
                std::move(options)) {}

UnixDatagramServer::UnixDatagramServer(Address server_address, DatagramHandler request_handler,
                                       ServerOptions options)
    : UDPServer(require_unix(std::move(server_address)), std::move(request_handler),
                std::move(options)) {}

}  // namespace socketserver
