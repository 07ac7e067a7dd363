#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace socketserver::http {

/// What an archive says of a file or a directory in it.
struct ArchiveEntry {
  std::string path;  ///< Relative, bytes as the file system has them; no '/' behind directories.
  bool is_directory = false;     ///< Else it is a regular file.
  std::uint64_t size = 0;        ///< Bytes of a file, all of which are written.
  std::int64_t modified_at = 0;  ///< Seconds since 1970.
  unsigned mode = 0644;          ///< Permissions.
};

/// Writes an archive piece by piece, so that the whole of it is never in memory.
///
/// Every member appends to `out` what it has to say by then, about as much as it was given, and may
/// be called on another thread than the one before.
/// For overriding: what cannot be written throws OSError.
class ArchiveWriter {
 public:
  virtual ~ArchiveWriter() = default;

  /// Begins an entry; all of the one before has been written.
  virtual void begin_entry(std::string& out, const ArchiveEntry& entry) = 0;

  /// Writes the next bytes of the current file.
  virtual void write(std::string& out, std::string_view content) = 0;

  virtual void end(std::string& out) = 0;  ///< Appends what closes the archive; called once, last.
};

/// A format in which whole directories can be had. The component socketserver::archive has some.
struct ArchiveFormat {
  std::string name;        ///< In `?archive=name`: letters and digits.
  std::string media_type;  ///< "application/zip".
  std::string suffix;      ///< ".zip".
  /// Makes the writer of one archive; called from any thread.
  std::function<std::unique_ptr<ArchiveWriter>()> make_writer;
};

}  // namespace socketserver::http
