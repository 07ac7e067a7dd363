#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <socketserver/http/archive_format.hpp>
#include <socketserver/http/document_root.hpp>

#include "http/directory_reader.hpp"

namespace socketserver::http {

/// All that is served below a directory as an archive, rendered as it is asked for.
///
/// What a listing would not show is not in it. A link to a file is that file; links to directories
/// are left out, for they may lead in circles. A file has the size that it had when it was opened:
/// what is missing then is zeros.
class DirectoryArchive {
 public:
  /// @param root  borrowed.
  /// @param hidden_names  as of DirectoryReader, borrowed.
  /// @param words  the place of `directory` below it.
  /// @param name  what the paths in the archive begin with: "name/file".
  /// @throws OSError "read directory".
  DirectoryArchive(const DocumentRoot& root, bool show_hidden,
                   std::span<const std::string> hidden_names, UniqueFd directory,
                   std::vector<std::string> words, const std::string& name,
                   std::unique_ptr<ArchiveWriter> writer);

  /// Appends to `out` until it has `size` bytes or more, or 1 MiB was read; false: that was all.
  /// Reads from the disk and may compress: run it where that blocks nobody.
  ///
  /// @throws OSError when a directory or an open file cannot be read, or descriptors or memory
  ///         lack; what the writer throws.
  bool render(std::string& out, std::size_t size);

  /// What went wrong since the last call: files that were left out, or padded.
  std::vector<std::string> take_complaints() { return std::exchange(complaints_, {}); }

 private:
  struct Level {
    DirectoryReader names;
    std::vector<std::string> words;
    std::string path;  // in the archive
  };

  std::optional<DirectoryEntry> next_entry();
  void begin(std::string& out, const DirectoryEntry& entry);
  std::size_t copy_block(std::string& out);
  void complain(const std::string& path, const std::string& what);

  const DocumentRoot& root_;
  bool show_hidden_;
  std::span<const std::string> hidden_names_;
  std::unique_ptr<ArchiveWriter> writer_;
  std::vector<Level> levels_;
  OpenedPath file_;  // that is being read
  std::string path_;
  std::uint64_t read_ = 0;
  bool padded_ = false;
  std::vector<std::string> complaints_;
};

}  // namespace socketserver::http
