#include <socketserver/http/document_root.hpp>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <optional>
#include <string_view>
#include <utility>

#include <socketserver/base/error.hpp>

#include "http/file_content.hpp"

namespace socketserver::http {
namespace {

// Non-blocking, so that a pipe without a writer cannot hold us up; no effect on regular files.
constexpr int kOpenFlags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

// The kernel gives up on a path that others are changing; how often to insist.
constexpr int kTries = 16;

std::uint64_t next_number() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

std::string join(std::span<const std::string> words) {
  std::string path;
  for (const std::string& word : words) {
    if (!path.empty()) path += '/';
    path += word;
  }
  return path.empty() ? "." : path;
}

UniqueFd open_resolved(int directory, const std::string& path, std::uint64_t resolve) {
  open_how how{};
  how.flags = kOpenFlags;
  how.resolve = resolve | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0; tries < kTries; ++tries) {
    const long fd = ::syscall(SYS_openat2, directory, path.c_str(), &how, sizeof how);
    if (fd >= 0) return UniqueFd(static_cast<int>(fd));
    if (errno != EAGAIN && errno != EINTR) break;
  }
  return UniqueFd();
}

/// Where an open file is in the file system.
std::optional<std::string> location(int fd) {
  std::array<char, PATH_MAX> path;
  const ssize_t size = ::readlink(proc_path(fd).c_str(), path.data(), path.size());
  if (size < 0 || static_cast<std::size_t>(size) == path.size()) return std::nullopt;
  return std::string(path.data(), static_cast<std::size_t>(size));
}

bool is_beneath(std::string_view path, std::string_view root) {
  if (root == "/") return true;
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

}  // namespace

DocumentRoot::DocumentRoot(const std::string& directory, Symlinks symlinks)
    : DocumentRoot(UniqueFd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
                   symlinks) {
  if (!directory_) throw_os_error(last_error(), "open directory " + directory);
}

DocumentRoot::DocumentRoot(UniqueFd directory, Symlinks symlinks) noexcept
    : directory_(std::move(directory)), symlinks_(symlinks), number_(next_number()) {}

OpenedPath DocumentRoot::open_inside(std::span<const std::string> words) const {
  return open(words, symlinks_ == Symlinks::all ? Symlinks::inside : symlinks_);
}

OpenedPath DocumentRoot::open(std::span<const std::string> words, Symlinks symlinks) const {
  // One word is the path already.
  return examine(words.size() == 1 ? open_beneath(words.front(), symlinks)
                                   : open_beneath(join(words), symlinks));
}

UniqueFd DocumentRoot::open_beneath(const std::string& path, Symlinks symlinks) const {
  if (symlinks == Symlinks::all) {
    return UniqueFd(::openat(directory_.get(), path.c_str(), kOpenFlags));
  }
  const std::uint64_t policy =
      RESOLVE_BENEATH | (symlinks == Symlinks::none ? RESOLVE_NO_SYMLINKS : 0);
  UniqueFd fd = open_resolved(directory_.get(), path, policy);
  if (fd) return fd;
  // EXDEV may be an absolute link that ends inside after all. The others: a kernel or a container
  // without openat2.
  const bool worth_a_check =
      (errno == EXDEV && symlinks == Symlinks::inside) || errno == ENOSYS || errno == EPERM;
  return worth_a_check ? open_checked(path, symlinks) : UniqueFd();
}

/// Opens first and asks afterwards where that was: what was asked about is what is served, whatever
/// happens to the path in between.
UniqueFd DocumentRoot::open_checked(const std::string& path, Symlinks symlinks) const {
  const UniqueFd found(::openat(directory_.get(), path.c_str(), O_PATH | O_CLOEXEC));
  if (!found) return UniqueFd();
  const auto root = location(directory_.get());
  const auto where = location(found.get());
  const bool allowed =
      root && where &&
      (symlinks == Symlinks::none
           ? *where == (path == "." ? *root : (*root == "/" ? "/" : *root + '/') + path)
           : is_beneath(*where, *root));
  if (!allowed) {
    errno = EXDEV;
    return UniqueFd();
  }
  return UniqueFd(::open(proc_path(found.get()).c_str(), kOpenFlags));
}

}  // namespace socketserver::http
