#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace socketserver::detail {

/// What is left of a gathered write when its first `n` bytes have gone; cuts the part that they end
/// in. Nothing is left of what was empty.
inline std::span<std::string_view> skip_bytes(std::span<std::string_view> parts,
                                              std::size_t n) noexcept {
  while (!parts.empty() && n >= parts.front().size()) {
    n -= parts.front().size();
    parts = parts.subspan(1);
  }
  if (!parts.empty()) parts.front().remove_prefix(n);
  return parts;
}

}  // namespace socketserver::detail
