#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <socketserver/base/error.hpp>
#include <socketserver/base/unique_fd.hpp>

namespace socketserver::http {

/// A SpooledFile could not be written or read. A method that lets it pass answers 507 when the disk
/// is full and 500 otherwise, and the log says what happened.
class SpoolError : public OSError {
 public:
  using OSError::OSError;
};

/// Holds bytes in memory as long as they are few, and in a file without a name beyond that.
///
/// Nobody else can open the file, and it is gone with this object or with the process, however that
/// ends. Reading and writing are those of files: they do not park a fiber.
///
/// Thread safety: as a plain value.
/// Source: Python `tempfile.SpooledTemporaryFile`.
class SpooledFile {
 public:
  /// @param memory_bytes  how much is kept in memory; 0: nothing.
  /// @param directory  where the file is put. `/tmp` may be memory itself: name another directory
  ///                   where large files are expected.
  explicit SpooledFile(std::size_t memory_bytes = std::size_t{256} * 1024,
                       std::string directory = "/tmp");

  /// Adds `data` at the end.
  ///
  /// @throws SpoolError "write temporary file in /tmp".
  void write(std::string_view data);

  std::uint64_t size() const noexcept { return size_; }  ///< In bytes.
  bool in_memory() const noexcept { return !fd_; }       ///< Whether nothing is on disk yet.

  /// The file's descriptor, for `sendfile` and its like; −1 while in memory.
  int fileno() const noexcept { return fd_.get(); }

  /// `n` bytes from `offset`, fewer at the end.
  ///
  /// @throws SpoolError "read temporary file".
  std::string read(std::uint64_t offset, std::size_t n) const;

  /// All of it.
  ///
  /// @throws OSError `std::errc::message_size`, which a method that lets it pass answers with 413,
  ///         when that is more than `limit` bytes; SpoolError.
  std::string read_all(std::size_t limit) const;

  /// Copies it to a new file; what could not be copied whole is removed again.
  ///
  /// @throws OSError "save /srv/a.txt": `std::errc::file_exists` when there is one.
  void save_as(const std::string& path) const;

 private:
  void move_to_disk();

  std::size_t memory_bytes_;
  std::string directory_;
  std::uint64_t size_ = 0;
  std::string memory_;
  UniqueFd fd_;
};

}  // namespace socketserver::http
