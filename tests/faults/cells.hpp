#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/base_server.hpp>
#include <socketserver/server/options.hpp>

namespace socketserver::faults {

/// What clients and server say to each other.
enum class Protocol {
  lines,    // a connection; each line is answered with itself
  packets,  // each packet is answered with itself
  http,     // files of a directory, and an echo of what is posted
};

/// A kind of server, as the trials need to know it.
struct Cell {
  std::string name;
  Protocol protocol;
  bool is_unix;

  /// Whether a client that says nothing for a while keeps no other one waiting.
  bool concurrent;

  /// Whether it consists of worker processes, of which the first may serve before the last is
  /// there.
  bool has_workers;

  /// Whether it learns only once of bytes that have come, so that a read which leaves some of them
  /// must have filled its buffer. The kernel keeps to that.
  bool edge_triggered;

  /// Whether a read may leave some of what has come. Heads of HTTP that come byte by byte look like
  /// ones that trickle: their connection is left alone for a while after each, in the end for half
  /// a second.
  bool reads_may_be_short() const { return !edge_triggered && protocol != Protocol::http; }

  /// Makes one. @param requests  counts the requests that a handler has answered, in whatever
  ///        process.
  std::function<std::unique_ptr<BaseServer>(const Address& address, ServerOptions options,
                                            const std::string& directory,
                                            std::atomic<unsigned>& requests)>
      make;
};

/// Every engine with every transport, and with HTTP.
const std::vector<Cell>& all_cells();

/// HTTP servers that take files: on a thread, in a process and on a fiber.
const std::vector<Cell>& store_cells();

}  // namespace socketserver::faults
