#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace socketserver::bench {

enum class Workload {
  echo,        ///< Lines on standing connections.
  udp,         ///< Datagrams.
  connect,     ///< A connection for each line, which the server closes.
  idle,        ///< Connections that say one line and then nothing.
  http,        ///< GET, or POST, on standing connections.
  http_close,  ///< A connection for each GET, which the server closes.
  http_idle,   ///< Connections that are silent after one GET.
};

constexpr bool is_http(Workload workload) noexcept {
  return workload == Workload::http || workload == Workload::http_close ||
         workload == Workload::http_idle;
}

/// Connections are opened and weighed, instead of loaded.
constexpr bool is_idle(Workload workload) noexcept {
  return workload == Workload::idle || workload == Workload::http_idle;
}

/// A connection serves one request and is closed by the server.
constexpr bool is_once(Workload workload) noexcept {
  return workload == Workload::connect || workload == Workload::http_close;
}

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
  std::string target = "/";      ///< What GET asks for, or POST sends to.
  std::string post;              ///< What POST sends; empty: GET.
  std::string body;              ///< What it must be answered with; empty: always the same.
  std::string body_part;         ///< What that must hold, `body_parts` times; empty: anything.
  std::size_t body_parts = 1;
};

}  // namespace socketserver::bench
