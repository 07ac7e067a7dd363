#pragma once

#include <span>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>

namespace socketserver::xmlrpc {

/// A connection to the first of the addresses that takes one; what is written is sent at once
/// (TCP_NODELAY).
///
/// @param addresses  at least one.
/// @param waiter     how to wait for that; afterwards the socket's.
/// @throws OSError of the last address, or of the one that the deadline passed at.
Socket connect_to_any(std::span<const Address> addresses, Deadline deadline, Waiter& waiter);

}  // namespace socketserver::xmlrpc
