#include <socketserver/http/spooled_file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <socketserver/base/scope_exit.hpp>

#include "http/file_content.hpp"
#include "http/nameless_file.hpp"

namespace socketserver::http {
namespace {

constexpr std::size_t kCopyBlock = std::size_t{64} * 1024;

/// False, with the reason in errno, when not all of `data` could be written.
bool write_whole(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t written = ::write(fd, data.data(), data.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    data.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

SpooledFile::SpooledFile(std::size_t memory_bytes, std::string directory)
    : memory_bytes_(memory_bytes), directory_(std::move(directory)) {}

void SpooledFile::write(std::string_view data) {
  if (in_memory() && data.size() > memory_bytes_ - memory_.size()) move_to_disk();
  if (in_memory()) {
    memory_ += data;
  } else if (!write_whole(fd_.get(), data)) {
    throw SpoolError(last_error(), "write temporary file in " + directory_);
  }
  size_ += data.size();
}

void SpooledFile::move_to_disk() {
  UniqueFd file = open_nameless(directory_);
  if (!file) throw SpoolError(last_error(), "create temporary file in " + directory_);
  if (!write_whole(file.get(), memory_)) {
    throw SpoolError(last_error(), "write temporary file in " + directory_);
  }
  fd_ = std::move(file);
  memory_ = {};
}

std::string SpooledFile::read(std::uint64_t offset, std::size_t n) const {
  if (offset >= size_) return {};
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(n, size_ - offset));
  if (in_memory()) return memory_.substr(static_cast<std::size_t>(offset), count);
  try {
    return read_file(fd_.get(), offset, count);
  } catch (const OSError& error) {
    throw SpoolError(error.code(), "read temporary file");
  }
}

std::string SpooledFile::read_all(std::size_t limit) const {
  if (size_ > limit) throw_os_error(std::make_error_code(std::errc::message_size), "read file");
  return read(0, limit);
}

void SpooledFile::save_as(const std::string& path) const {
  const UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
  if (!file) throw_os_error(last_error(), "save " + path);
  ScopeExit remove([&path]() noexcept { ::unlink(path.c_str()); });
  for (std::uint64_t at = 0; at < size_; at += kCopyBlock) {
    if (!write_whole(file.get(), read(at, kCopyBlock))) {
      throw_os_error(last_error(), "save " + path);
    }
  }
  remove.dismiss();
}

}  // namespace socketserver::http
