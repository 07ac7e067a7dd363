#include "http/new_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/base/offload.hpp>

#include "http/file_content.hpp"

namespace socketserver::http {
namespace {

constexpr mode_t kMode = 0666;

std::string hidden_name() {
  return StoreDirectory::partial_name(random_boundary());
}

/// What cannot be named later is no use without a name.
UniqueFd open_linkable(int directory) {
  UniqueFd file(::openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, kMode));
  if (file && ::access(proc_path(file.get()).c_str(), F_OK) < 0) file.reset();
  return file;
}

}  // namespace

std::optional<NewFile> NewFile::create(const StoreDirectory& directory,
                                       std::optional<unsigned> mode, std::error_code& ec) {
  ec.clear();
  NewFile file(directory, open_linkable(directory.fd()), {});
  if (!file.file_) {
    std::string name = hidden_name();
    file.file_.reset(
        ::openat(directory.fd(), name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, kMode));
    if (file.file_) file.name_ = std::move(name);
  }
  if (!file.file_ || (mode && ::fchmod(file.file_.get(), static_cast<mode_t>(*mode)) < 0)) {
    ec = last_error();
    return std::nullopt;
  }
  return file;
}

NewFile::NewFile(NewFile&& other) noexcept
    : directory_(other.directory_),
      file_(std::move(other.file_)),
      name_(std::exchange(other.name_, {})),
      kept_(other.kept_),
      size_(other.size_) {}

NewFile::~NewFile() {
  if (!name_.empty() && !kept_) ::unlinkat(directory_->fd(), name_.c_str(), 0);
}

std::optional<NewFile> NewFile::resume(const StoreDirectory& directory, const std::string& name,
                                       std::int64_t lifetime, std::error_code& ec) {
  ec.clear();
  const std::string kept = StoreDirectory::partial_name(name);
  UniqueFd file(::openat(directory.fd(), kept.c_str(),
                         O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) < 0) {
    if (errno != ENOENT) ec = last_error();
    return std::nullopt;
  }
  if (!S_ISREG(status.st_mode) || std::time(nullptr) - status.st_mtim.tv_sec >= lifetime) {
    return std::nullopt;
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
    ec = std::make_error_code(std::errc::device_or_resource_busy);
    return std::nullopt;
  }
  // Whoever had the lock may have added to it since, or have given it its name: then it is not
  // ours.
  NewFile resumed(directory, std::move(file), kept);
  resumed.kept_ = true;
  if (!resumed.has_its_name() || ::fstat(resumed.file_.get(), &status) < 0) return std::nullopt;
  resumed.size_ = static_cast<std::uint64_t>(status.st_size);
  return resumed;
}

std::error_code NewFile::write(std::string_view data) {
  while (!data.empty()) {
    const ssize_t n = ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(size_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error();
    size_ += static_cast<std::uint64_t>(n);
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

std::error_code NewFile::cut(std::uint64_t size) {
  if (::ftruncate(file_.get(), static_cast<off_t>(size)) < 0) return last_error();
  size_ = size;
  return {};
}

std::error_code NewFile::sync() {
  return offload([this] { return result_of(::fsync(file_.get())); });
}

std::error_code NewFile::put(const std::string& name) {
  if (name_.empty()) return link_as(name);
  if (!has_its_name()) return std::make_error_code(std::errc::device_or_resource_busy);
  const int directory = directory_->fd();
  if (::renameat2(directory, name_.c_str(), directory, name.c_str(), RENAME_NOREPLACE) < 0) {
    if (errno != EINVAL && errno != ENOSYS) return last_error();
    // A file system that cannot refuse to replace: a second name cannot replace one anywhere.
    if (::linkat(directory, name_.c_str(), directory, name.c_str(), 0) < 0) return last_error();
    ::unlinkat(directory, name_.c_str(), 0);
  }
  name_.clear();
  return {};
}

std::error_code NewFile::replace(const std::string& name) {
  if (name_.empty()) {
    const std::string hidden = hidden_name();
    if (const auto ec = link_as(hidden)) return ec;
    name_ = hidden;
  }
  return move_to(name);
}

std::error_code NewFile::keep(const std::string& name) {
  // Nobody else can have it: it has had no name that anybody knows.
  ::flock(file_.get(), LOCK_EX | LOCK_NB);
  const std::string kept = StoreDirectory::partial_name(name);
  if (const auto ec = replace(kept)) return ec;
  name_ = kept;
  kept_ = true;
  return {};
}

OpenedPath NewFile::describe() const {
  return examine(UniqueFd(::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0)));
}

/// Only for a file that has no name yet.
std::error_code NewFile::link_as(const std::string& name) const {
  return result_of(::linkat(AT_FDCWD, proc_path(file_.get()).c_str(), directory_->fd(),
                            name.c_str(), AT_SYMLINK_FOLLOW));
}

std::error_code NewFile::move_to(const std::string& name) {
  if (!has_its_name()) return std::make_error_code(std::errc::device_or_resource_busy);
  const int directory = directory_->fd();
  if (::renameat(directory, name_.c_str(), directory, name.c_str()) < 0) return last_error();
  name_.clear();
  return {};
}

bool NewFile::has_its_name() const {
  struct stat named {};
  struct stat open {};
  return ::fstatat(directory_->fd(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         ::fstat(file_.get(), &open) == 0 && named.st_ino == open.st_ino &&
         named.st_dev == open.st_dev;
}

}  // namespace socketserver::http
