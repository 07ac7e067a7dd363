#include <socketserver/base/unique_fd.hpp>

#include <unistd.h>

#include <cerrno>

namespace socketserver {

void UniqueFd::reset(int fd) noexcept {
  const int saved_errno = errno;
  if (fd_ >= 0) ::close(fd_);
  errno = saved_errno;
  fd_ = fd;
}

}  // namespace socketserver
