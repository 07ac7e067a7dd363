#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace socketserver::xmlrpc {

/// Compresses to the gzip format (RFC 1952), fastest level. Source: Python `gzip_encode`.
std::string gzip_encode(std::string_view data);

/// Why gzip data was refused.
enum class GzipError { invalid_data, too_large };

/// What became of gzip data: its content, or why it has none.
struct GzipResult {
  std::optional<std::string> data;            ///< Absent when it failed.
  GzipError error = GzipError::invalid_data;  ///< Meaningful without data.
};

/// Decompresses gzip data whole; corrupt, truncated and trailing bytes are invalid data.
///
/// Memory in use stays below one and a half times `max_bytes` and a buffer, whatever the data
/// promises.
/// Differs from Python: truncated data is invalid data, not an EOFError. Source: Python
/// `gzip_decode`, whose limit of 20 MiB is the default here as well.
GzipResult gzip_decode(std::string_view data,
                       std::size_t max_bytes = std::size_t{20} * 1024 * 1024);

}  // namespace socketserver::xmlrpc
