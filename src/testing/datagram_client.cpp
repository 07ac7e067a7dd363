#include <socketserver/testing/datagram_client.hpp>

#include <utility>

namespace socketserver::testing {
namespace {

constexpr std::size_t kLargestPacket = 65'536;

}  // namespace

DatagramClient::DatagramClient(Address server, Name name, Duration patience)
    : server_(std::move(server)), socket_(Socket::open(server_.family(), SocketType::datagram)) {
  socket_.settimeout(patience);
  // Bound to the empty path, the system gives it a name.
  if (server_.family() == AddressFamily::unix_domain && name == Name::bound) {
    socket_.bind(Address::unix_path(""));
  }
}

void DatagramClient::send(std::string_view data) {
  socket_.sendto(data, server_);
}

std::string DatagramClient::receive() {
  auto [data, sender] = socket_.recvfrom(kLargestPacket);
  answered_by_ = std::move(sender);
  return std::move(data);
}

std::string DatagramClient::ask(std::string_view data) {
  send(data);
  return receive();
}

}  // namespace socketserver::testing
