#pragma once

#include <dirent.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/base/unique_fd.hpp>
#include <socketserver/http/listing_options.hpp>

namespace socketserver::http {

/// One name in a directory.
struct DirectoryEntry {
  std::string name;           ///< Bytes as the file system has them.
  bool is_directory = false;  ///< Or a link to one.
  bool is_file = false;       ///< A regular one, or a link to one.
  bool is_link = false;
  std::uint64_t size = 0;        ///< Of a link: its own.
  std::int64_t modified_at = 0;  ///< Seconds since 1970. Of a link: its own.
};

/// Reads the names of a directory one after the other, in the order of the file system.
class DirectoryReader {
 public:
  /// @param hidden_names  patterns of names to pass over, borrowed; see `matches_any`.
  /// @throws OSError "read directory".
  DirectoryReader(UniqueFd directory, bool show_hidden,
                  std::span<const std::string> hidden_names = {});

  /// The next name with what it is; nothing at the end.
  ///
  /// @throws OSError "read directory".
  std::optional<DirectoryEntry> next();

  /// At most `limit` of the next names; fewer: there are no more.
  std::vector<DirectoryEntry> take(std::size_t limit);

 private:
  struct Close {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
  };

  std::unique_ptr<DIR, Close> stream_;
  bool show_hidden_;
  std::span<const std::string> hidden_names_;
};

/// Whether one of the patterns, as a shell has them for file names (`*.bak`, `[Tt]humbs.db`), fits
/// all of a name.
bool matches_any(std::span<const std::string> patterns, std::string_view name);

/// Sorts by the key; where that is equal, and for the key `name`, by name without regard to case.
/// A link stands among the files, whatever it leads to.
void sort_entries(std::vector<DirectoryEntry>& entries, ListingOrder order);

}  // namespace socketserver::http
