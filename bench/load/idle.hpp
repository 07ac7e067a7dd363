#pragma once

#include <cstddef>
#include <cstdint>

#include "load/options.hpp"

namespace socketserver::bench {

/// What standing connections cost that say nothing.
struct IdleMeasurement {
  std::size_t connections = 0;
  std::uint64_t memory_before = 0;  ///< Of the server's process tree in bytes: with none,
  std::uint64_t memory_after = 0;   ///< and with all of them.
};

/// Opens all connections, each of which has one request answered, and weighs the server.
///
/// @throws WrongReply, also when the server does not keep all of them; OSError.
IdleMeasurement measure_idle(const Options& options);

}  // namespace socketserver::bench
