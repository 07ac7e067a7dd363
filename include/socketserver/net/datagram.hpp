#pragma once

#include <string>

#include <socketserver/net/address.hpp>

namespace socketserver {

/// One packet as a datagram server receives it.
struct Datagram {
  std::string data;  ///< The payload; may be empty.

  /// The packet was longer than the server's `max_packet_size`: `data` is only its beginning.
  bool truncated = false;

  /// Who sent it; `AddressFamily::unspecified` for a Unix client that did not bind.
  Address sender = {};

  /// Which address of this machine it was sent to, so that the answer can come from there;
  /// unspecified when the socket is bound to just one.
  Address destination = {};
};

}  // namespace socketserver
