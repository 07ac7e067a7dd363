#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <socketserver/http/document_root.hpp>

namespace socketserver::http {

/// What an open descriptor is; for none, the calling thread's `errno` says why. Only regular
/// files and directories are kept open.
OpenedPath examine(UniqueFd fd);

/// A path to what an open descriptor is of, whatever has become of its names.
inline std::string proc_path(int fd) {
  return "/proc/self/fd/" + std::to_string(fd);
}

/// The strong entity tag of an open file: made of its size, and of inode and time of modification,
/// to the nanosecond, in a form that does not show them.
class FileTag {
 public:
  explicit FileTag(const OpenedPath& file) noexcept;

  /// Quotes included.
  std::string_view view() const noexcept { return {text_.data(), size_}; }

 private:
  std::array<char, 48> text_;  // two numbers of sixteen digits, and three signs
  std::size_t size_;
};

inline std::string make_entity_tag(const OpenedPath& file) {
  return std::string(FileTag(file).view());
}

/// A boundary of 128 random bits for a multipart body: no file can be made to hold it.
std::string random_boundary();

/// Reads `size` bytes of a file from `offset`; fewer when it ends before.
///
/// @throws OSError "read file".
std::string read_file(int fd, std::uint64_t offset, std::size_t size);

}  // namespace socketserver::http
