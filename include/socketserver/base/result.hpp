#pragma once

#include <cstddef>
#include <system_error>

namespace socketserver {

/// What became of one read or write.
///
/// Expected outcomes of I/O are values: end of stream, a deadline that passed, a peer that went
/// away. The byte count is true even when `ec` is set: `n` bytes moved before it failed.
struct [[nodiscard]] IoResult {
  std::size_t n = 0;   ///< Bytes moved. 0 without an error: end of stream when reading.
  std::error_code ec;  ///< Unset on success. `std::errc::timed_out` when the deadline passed.
};

}  // namespace socketserver
