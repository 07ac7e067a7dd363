#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/base/unique_fd.hpp>

namespace socketserver::http {

/// One name in a directory.
struct DirectoryEntry {
  std::string name;           ///< Bytes as the file system has them.
  bool is_directory = false;  ///< Or a link to one.
  bool is_link = false;
  std::uint64_t size = 0;
  std::int64_t modified_at = 0;  ///< Seconds since 1970.
};

/// Reads a directory, sorted by name without regard to case.
///
/// @throws OSError "read directory".
std::vector<DirectoryEntry> read_directory(UniqueFd directory, bool show_hidden);

/// A page that lists the entries; `title` is the decoded path.
std::string render_directory(const std::vector<DirectoryEntry>& entries, std::string_view title);

}  // namespace socketserver::http
