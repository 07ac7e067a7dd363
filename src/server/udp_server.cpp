#include <socketserver/server/udp_server.hpp>

#include <fcntl.h>

#include <stdexcept>

#include <socketserver/base/error.hpp>

#include "net/datagram_io.hpp"

namespace socketserver {
namespace {

std::shared_ptr<Socket> another_handle(const Socket& socket) {
  UniqueFd fd(::fcntl(socket.fileno(), F_DUPFD_CLOEXEC, 0));
  if (!fd) throw_os_error(last_error(), "dup");
  return std::make_shared<Socket>(std::move(fd));
}

}  // namespace

UDPServer::UDPServer(Address server_address, DatagramHandler request_handler, ServerOptions options)
    : BaseServer(std::move(server_address), std::move(request_handler), std::move(options),
                 SocketType::datagram) {
  if (max_packet_size() == 0 || max_packet_size() > detail::kLargestPacket) {
    throw std::out_of_range("max_packet_size must be 1 to 65536, not " +
                            std::to_string(max_packet_size()));
  }
  buffer_ = std::make_unique_for_overwrite<char[]>(max_packet_size());
  open_sockets();
  if (!this->options().bind_and_activate) return;
  UDPServer::server_bind();
}

void UDPServer::server_bind() {
  bind_sockets();
  for (std::size_t i = 0; i < socket_count(); ++i) {
    const Socket& bound = socket(i);
    // Bound to one address, answers leave from there anyway.
    if (bound.getsockname().is_unspecified()) {
      detail::want_destinations(bound.fileno());
      tells_destinations_ = true;
    }
    ports_.push_back(another_handle(bound));
  }
}

void UDPServer::server_close() {
  BaseServer::server_close();
  ports_.clear();
}

std::pair<Request, Address> UDPServer::get_request() {
  own_get_request_ = true;
  std::size_t index = 0;
  if (!std::exchange(at_hand_, false)) {
    index = ready_socket();
    if (const auto ec = receive(index)) throw_os_error(ec, "recvmsg");
  }
  Address sender = packet_.sender;
  return {Request(std::move(packet_), ports_.at(index)), std::move(sender)};
}

bool UDPServer::request_at_hand() {
  if (at_hand_) return true;  // an override of get_request has thrown before it took it
  if (!own_get_request_ || socket_count() > 1 || fileno() < 0) return false;
  at_hand_ = !receive(0);
  return at_hand_;
}

std::error_code UDPServer::receive(std::size_t index) {
  return detail::receive_datagram(socket(index).fileno(), {buffer_.get(), max_packet_size()},
                                  tells_destinations_, packet_);
}

void UDPServer::close_request(Request& request) {
  request.close();
}

}  // namespace socketserver
