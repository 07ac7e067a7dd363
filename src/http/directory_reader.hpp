#pragma once

#include <dirent.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <socketserver/base/unique_fd.hpp>

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
  /// @throws OSError "read directory".
  DirectoryReader(UniqueFd directory, bool show_hidden);

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
};

/// How a listing is sorted. Directories stand in front either way.
struct ListingOrder {
  enum class Key { name, size, time };

  Key key = Key::name;
  bool descending = false;

  bool operator==(const ListingOrder&) const noexcept = default;
};

/// Sorts by the key; where that is equal, and for the key `name`, by name without regard to case.
/// A link stands among the files, whatever it leads to.
void sort_entries(std::vector<DirectoryEntry>& entries, ListingOrder order);

}  // namespace socketserver::http
