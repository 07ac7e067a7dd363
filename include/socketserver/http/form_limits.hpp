#pragma once

#include <cstddef>
#include <string>

namespace socketserver::http {

/// Bounds what one form may cost, beside `Limits::body_bytes`, which bounds all of it. Over a
/// limit: 413. Sizes are in bytes; zero allows nothing.
struct FormLimits {
  /// Fields and files together.
  std::size_t count = 1000;

  /// Files among them.
  std::size_t files = 100;

  /// Names and values of all fields that are no files, decoded: they are kept in memory.
  std::size_t field_bytes = std::size_t{1} << 20;

  /// Content of files that is kept in memory, all files together; the rest goes to files without a
  /// name, one each.
  std::size_t memory_bytes = std::size_t{256} * 1024;

  /// Where those are put; see SpooledFile.
  std::string directory = "/tmp";
};

}  // namespace socketserver::http
