#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace socketserver::tool {

/// How far a transfer is.
struct TransferState {
  std::string name;  ///< UTF-8 that is safe to print.
  std::uint64_t done = 0;
  std::optional<std::uint64_t> total = {};  ///< Nothing: nobody knows yet.
};

/// "2 transfers, 14.2 MB/s  big.iso 43 %  film.mp4 7 %": as many of the transfers as fit, from the
/// first on. "" when there are none.
///
/// @param rate  bytes a second, of all of them together.
/// @param width  columns of the terminal, of which the last one stays free.
std::string progress_text(std::span<const TransferState> transfers, double rate, std::size_t width);

}  // namespace socketserver::tool
