#include <socketserver/base/unique_fd.hpp>

#include <unistd.h>

#include <cerrno>

namespace socketserver {

void UniqueFd::close() const noexcept {
  const int saved_errno = errno;
  ::close(fd_);
  errno = saved_errno;
}

}  // namespace socketserver
