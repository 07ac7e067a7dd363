#include "xmlrpc/connect.hpp"

#include <socketserver/base/error.hpp>

namespace socketserver::xmlrpc {
namespace {

Socket connect_first(std::span<const Address> addresses, Deadline deadline, Waiter& waiter) {
  for (const Address& address : addresses.first(addresses.size() - 1)) {
    try {
      return Socket::connect(address, deadline, waiter);
    } catch (const OSError&) {
      if (deadline.expired()) throw;  // else the next address may do, and the last one tells
    }
  }
  return Socket::connect(addresses.back(), deadline, waiter);
}

}  // namespace

Socket connect_to_any(std::span<const Address> addresses, Deadline deadline, Waiter& waiter) {
  Socket socket = connect_first(addresses, deadline, waiter);
  socket.set_nodelay(true);
  return socket;
}

}  // namespace socketserver::xmlrpc
