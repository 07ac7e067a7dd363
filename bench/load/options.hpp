#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>

namespace socketserver::bench {

enum class Workload {
  echo,     ///< Lines on standing connections.
  udp,      ///< Datagrams.
  connect,  ///< A connection for each line, which the server closes.
  http,     ///< GET on standing connections.
  idle,     ///< Connections that say one line and then nothing.
};

/// What the command line asks for.
struct Options {
  Workload workload = Workload::echo;
  std::uint16_t port = 0;        ///< Of the server, on 127.0.0.1.
  pid_t pid = 0;                 ///< The server, whose processor time or memory is read.
  std::size_t connections = 64;  ///< At the same time.
  double seconds = 1;            ///< Measured, after `warmup`.
  double warmup = 0.3;           ///< Seconds of the same load before.
  std::size_t pipeline = 1;      ///< Requests sent together on a connection.
  std::size_t payload = 64;      ///< Bytes of a line or datagram.
};

}  // namespace socketserver::bench
