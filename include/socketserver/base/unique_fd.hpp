#pragma once

#include <utility>

namespace socketserver {

/// Owns one file descriptor and closes it once.
///
/// Thread safety: as a plain value; distinct objects may be used from distinct threads.
class UniqueFd {
 public:
  /// Owns nothing; `get()` is −1.
  UniqueFd() noexcept = default;

  /// Takes ownership of `fd`. A negative number means "nothing".
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}

  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  UniqueFd(const UniqueFd&) = delete;
  UniqueFd& operator=(const UniqueFd&) = delete;
  ~UniqueFd() { reset(); }

  /// The descriptor, or −1 when nothing is owned.
  int get() const noexcept { return fd_; }

  explicit operator bool() const noexcept { return fd_ >= 0; }

  /// Gives the descriptor to the caller, who must close it.
  [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

  /// Closes what is owned, then owns `fd`. Errors of close(2) are ignored: the descriptor is gone
  /// either way.
  void reset(int fd = -1) noexcept {
    if (fd_ >= 0) close();  // most have been moved from: no call for those
    fd_ = fd;
  }

 private:
  void close() const noexcept;

  int fd_ = -1;
};

}  // namespace socketserver
