#pragma once

#include <span>

#include <socketserver/base/deadline.hpp>
#include <socketserver/server/handler.hpp>

namespace socketserver::tool {

/// One of the small services that RFC 862 to 868 define, for connections and for packets.
struct Service {
  const char* name;
  int rfc;
  int well_known_port;
  const char* summary;

  /// How it is served. A connection that moves no byte for `idle_timeout` is closed; 0: never.
  StreamHandler (*stream_handler)(Duration idle_timeout);
  DatagramHandler (*datagram_handler)(Duration idle_timeout);
};

/// All of them.
std::span<const Service> services();

}  // namespace socketserver::tool
