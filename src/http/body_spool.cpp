#include "http/body_spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include <socketserver/base/error.hpp>
#include <socketserver/http/spooled_file.hpp>

namespace socketserver::http {
namespace {

constexpr std::size_t kInMemory = std::size_t{64} * 1024;

UniqueFd open_unnamed() {
  const std::string folder = std::filesystem::temp_directory_path().string();
  UniqueFd file(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (file) return file;
  // Not every file system has files without a name.
  std::string name = folder + "/socketserver.XXXXXX";
  file = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
  if (!file) throw SpoolError(last_error(), "open a temporary file in " + folder);
  ::unlink(name.c_str());
  return file;
}

}  // namespace

void BodySpool::append(std::string_view data) {
  if (begin_ == end_ && memory_.size() - taken_ + data.size() <= kInMemory) {
    memory_.erase(0, taken_);
    taken_ = 0;
    memory_ += data;
    return;
  }
  if (!file_) file_ = open_unnamed();
  while (!data.empty()) {
    const ssize_t n = ::pwrite(file_.get(), data.data(), data.size(), static_cast<off_t>(end_));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw SpoolError(last_error(), "write temporary file");
    data.remove_prefix(static_cast<std::size_t>(n));
    end_ += static_cast<std::uint64_t>(n);
  }
}

std::string_view BodySpool::front() {
  if (taken_ == memory_.size() && begin_ < end_) {
    taken_ = 0;
    memory_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kInMemory, end_ - begin_)));
    ssize_t n = 0;
    do {
      n = ::pread(file_.get(), memory_.data(), memory_.size(), static_cast<off_t>(begin_));
    } while (n < 0 && errno == EINTR);
    const auto error = n < 0 ? last_error() : std::make_error_code(std::errc::io_error);
    memory_.resize(n < 0 ? 0 : static_cast<std::size_t>(n));
    if (n <= 0) throw SpoolError(error, "read temporary file");
    begin_ += memory_.size();
    // Nothing is left behind what was read: the file may begin anew.
    if (begin_ == end_) {
      begin_ = end_ = 0;
      [[maybe_unused]] const int done = ::ftruncate(file_.get(), 0);
    }
  }
  return std::string_view(memory_).substr(taken_);
}

void BodySpool::consume(std::size_t n) noexcept {
  taken_ += n;
  if (taken_ < memory_.size()) return;
  memory_.clear();
  taken_ = 0;
}

void BodySpool::clear() noexcept {
  *this = BodySpool();
}

}  // namespace socketserver::http
