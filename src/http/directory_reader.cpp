#include "http/directory_reader.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <compare>
#include <utility>

#include <socketserver/base/error.hpp>

namespace socketserver::http {
namespace {

DirectoryEntry describe(int directory, std::string name) {
  DirectoryEntry entry{.name = std::move(name)};
  struct stat status {};
  if (::fstatat(directory, entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) return entry;
  entry.is_link = S_ISLNK(status.st_mode);
  // Size and time stay the link's own: what it leads to may be nobody's business.
  entry.size = static_cast<std::uint64_t>(status.st_size);
  entry.modified_at = status.st_mtim.tv_sec;
  // A link that leads nowhere stays a link.
  if (entry.is_link) ::fstatat(directory, entry.name.c_str(), &status, 0);
  entry.is_directory = S_ISDIR(status.st_mode);
  entry.is_file = S_ISREG(status.st_mode);
  return entry;
}

std::weak_ordering compare_names(const std::string& a, const std::string& b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  const auto order =
      std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(),
                                             [&](char x, char y) { return lower(x) <=> lower(y); });
  return order != 0 ? order : a <=> b;
}

/// Only files have a size that is shown, and that means anything to a reader.
std::uint64_t shown_size(const DirectoryEntry& entry) {
  return entry.is_file && !entry.is_link ? entry.size : 0;
}

std::weak_ordering compare(const DirectoryEntry& a, const DirectoryEntry& b,
                           ListingOrder::Key key) {
  std::weak_ordering order = std::weak_ordering::equivalent;
  if (key == ListingOrder::Key::size) order = shown_size(a) <=> shown_size(b);
  if (key == ListingOrder::Key::time) order = a.modified_at <=> b.modified_at;
  return order != 0 ? order : compare_names(a.name, b.name);
}

}  // namespace

DirectoryReader::DirectoryReader(UniqueFd directory, bool show_hidden,
                                 std::span<const std::string> hidden_names)
    : stream_(::fdopendir(directory.get())),
      show_hidden_(show_hidden),
      hidden_names_(hidden_names) {
  if (!stream_) throw_os_error(last_error(), "read directory");
  static_cast<void>(directory.release());  // the stream closes it from now on
}

std::optional<DirectoryEntry> DirectoryReader::next() {
  for (;;) {
    errno = 0;
    const dirent* found = ::readdir(stream_.get());
    if (found == nullptr) {
      if (errno != 0) throw_os_error(last_error(), "read directory");
      return std::nullopt;
    }
    std::string name = found->d_name;
    if (name == "." || name == ".." || (name.front() == '.' && !show_hidden_)) continue;
    if (matches_any(hidden_names_, name)) continue;
    return describe(::dirfd(stream_.get()), std::move(name));
  }
}

std::vector<DirectoryEntry> DirectoryReader::take(std::size_t limit) {
  std::vector<DirectoryEntry> entries;
  while (entries.size() < limit) {
    auto entry = next();
    if (!entry) break;
    entries.push_back(*std::move(entry));
  }
  return entries;
}

bool matches_any(std::span<const std::string> patterns, std::string_view name) {
  const std::string text(name);
  return std::ranges::any_of(patterns, [&](const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), text.c_str(), 0) == 0;
  });
}

void sort_entries(std::vector<DirectoryEntry>& entries, ListingOrder order) {
  const auto stands_in_front = [](const DirectoryEntry& entry) {
    return entry.is_directory && !entry.is_link;
  };
  std::ranges::sort(entries, [&](const DirectoryEntry& a, const DirectoryEntry& b) {
    if (stands_in_front(a) != stands_in_front(b)) return stands_in_front(a);
    const auto less = compare(a, b, order.key);
    return order.descending ? less > 0 : less < 0;
  });
}

}  // namespace socketserver::http
