#include "http/store_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <ctime>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/base/offload.hpp>
#include <socketserver/base/sleep.hpp>

namespace socketserver::http {
namespace {

constexpr std::string_view kPartialSuffix = ".socketserver-part";

// A longer name with a dot and the suffix would be none that file systems take. Its end becomes a
// hash: '~' and up to 16 digits.
constexpr std::size_t kLongestWhole = NAME_MAX - 1 - kPartialSuffix.size();
constexpr std::size_t kHashSize = 17;

// Deeper than anybody nests directories, and far from what would run out of descriptors.
constexpr std::size_t kDeepest = 64;

// Others change something and are done. Who has a directory locked for longer than this is no
// server of files.
constexpr Duration kLockPatience = std::chrono::seconds(5);
constexpr Duration kLockInterval = std::chrono::milliseconds(1);

struct CloseDirectory {
  void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

Directory open_directory(int parent, const char* name) {
  UniqueFd fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd) return nullptr;
  Directory directory(::fdopendir(fd.get()));
  if (directory) static_cast<void>(fd.release());  // the stream closes it from now on
  return directory;
}

/// The next name besides "." and ".."; null at the end, or with errno set.
const dirent* next_name(DIR* directory) {
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory);
    if (entry == nullptr) return nullptr;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") return entry;
  }
}

/// Calls `visit(directory, name)` for everything below a directory, the deepest first, until it
/// returns an error. Follows no links.
template <class Visit>
std::error_code walk_up(int parent, const char* name, const Visit& visit) {
  std::vector<std::pair<Directory, std::string>> path;  // each with its name in the one before
  path.emplace_back(open_directory(parent, name), name);
  if (!path.back().first) return last_error();
  for (;;) {
    DIR* here = path.back().first.get();
    if (const dirent* entry = next_name(here)) {
      std::string child = entry->d_name;
      if (Directory below = open_directory(::dirfd(here), child.c_str())) {
        if (path.size() == kDeepest) return std::make_error_code(std::errc::value_too_large);
        path.emplace_back(std::move(below), std::move(child));
      } else if (errno != ENOTDIR && errno != ELOOP) {
        return last_error();
      } else if (const auto ec = visit(::dirfd(here), child.c_str(), 0)) {
        return ec;
      }
      continue;
    }
    if (errno != 0) return last_error();
    const std::string done = std::move(path.back().second);
    path.pop_back();
    const int above = path.empty() ? parent : ::dirfd(path.back().first.get());
    if (const auto ec = visit(above, done.c_str(), AT_REMOVEDIR)) return ec;
    if (path.empty()) return {};
  }
}

/// FNV-1a: the same in every process, and after an update.
std::uint64_t hash_of(std::string_view name) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

std::error_code try_to_lock(int directory) noexcept {
  int status = -1;
  do {
    status = ::flock(directory, LOCK_EX | LOCK_NB);
  } while (status < 0 && errno == EINTR);
  return result_of(status);
}

}  // namespace

std::error_code result_of(int status) noexcept {
  return status == 0 ? std::error_code() : last_error();
}

/// Never waits in the kernel, which would hold up every fiber of the loop.
StoreDirectory::Lock::Lock(int directory) : directory_(directory) {
  const Deadline deadline = Deadline::after(kLockPatience);
  std::error_code ec = try_to_lock(directory);
  while (ec == std::errc::operation_would_block && !deadline.expired()) {
    sleep_for(kLockInterval);
    ec = try_to_lock(directory);
  }
  // A file system without locks has none to offer: the changes themselves are still atomic.
  held_ = ec != std::errc::operation_would_block;
}

StoreDirectory::Lock::~Lock() {
  if (held_) ::flock(directory_, LOCK_UN);
}

StoreDirectory::Kind StoreDirectory::find(const std::string& name) const noexcept {
  struct stat status {};
  if (::fstatat(fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) return Kind::absent;
  if (S_ISREG(status.st_mode)) return Kind::file;
  if (S_ISDIR(status.st_mode)) return Kind::directory;
  return S_ISLNK(status.st_mode) ? Kind::link : Kind::other;
}

std::optional<std::uint64_t> StoreDirectory::free_bytes() const noexcept {
  struct statvfs status {};
  if (::fstatvfs(fd(), &status) < 0 || status.f_blocks == 0) return std::nullopt;
  return std::uint64_t{status.f_bavail} * status.f_frsize;
}

std::error_code StoreDirectory::make_directory(const std::string& name) const noexcept {
  return result_of(::mkdirat(fd(), name.c_str(), 0777));
}

std::error_code StoreDirectory::remove(const std::string& name) const {
  if (::unlinkat(fd(), name.c_str(), 0) == 0) return {};
  if (errno != EISDIR) return last_error();
  return result_of(::unlinkat(fd(), name.c_str(), AT_REMOVEDIR));
}

std::error_code StoreDirectory::remove_tree(
    const std::string& name, std::size_t limit,
    const std::function<bool(const std::string&)>& stays) const {
  std::size_t names = 0;
  const auto count = [&](int, const char* child, int) {
    if (stays(child)) return std::make_error_code(std::errc::operation_not_permitted);
    return ++names > limit ? std::make_error_code(std::errc::value_too_large) : std::error_code();
  };
  if (const auto ec = walk_up(fd(), name.c_str(), count)) return ec;
  return walk_up(fd(), name.c_str(), [](int directory, const char* child, int flags) {
    return result_of(::unlinkat(directory, child, flags));
  });
}

std::error_code StoreDirectory::sync() const {
  return offload([this] { return result_of(::fsync(fd())); });
}

void StoreDirectory::remove_leftovers(std::int64_t age) const {
  const Directory names = open_directory(fd(), ".");
  if (!names) return;
  const std::int64_t now = std::time(nullptr);
  while (const dirent* entry = next_name(names.get())) {
    struct stat status {};
    const bool old = is_leftover(entry->d_name) &&
                     ::fstatat(fd(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                     S_ISREG(status.st_mode) && now - status.st_mtim.tv_sec >= age;
    if (old) ::unlinkat(fd(), entry->d_name, 0);
  }
}

std::string StoreDirectory::partial_name(const std::string& name) {
  if (name.size() <= kLongestWhole) return '.' + name + std::string(kPartialSuffix);
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), hash_of(name), 16);
  const std::string hash(digits.data(), end.ptr);
  return '.' + name.substr(0, kLongestWhole - kHashSize) + '~' + hash + std::string(kPartialSuffix);
}

std::optional<std::uint64_t> StoreDirectory::partial_size(const std::string& name,
                                                          std::int64_t lifetime) const {
  struct stat status {};
  if (::fstatat(fd(), partial_name(name).c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0 ||
      !S_ISREG(status.st_mode) || std::time(nullptr) - status.st_mtim.tv_sec >= lifetime) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(status.st_size);
}

bool StoreDirectory::is_leftover(std::string_view name) noexcept {
  return name.starts_with('.') && name.ends_with(kPartialSuffix);
}

}  // namespace socketserver::http
