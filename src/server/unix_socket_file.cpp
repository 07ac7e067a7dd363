#include "server/unix_socket_file.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <socketserver/base/error.hpp>

#include "net/sockaddr.hpp"

namespace socketserver::detail {
namespace {

bool has_file(const Address& address) {
  return !address.path().empty() && address.path().front() != '\0';
}

/// Whether a connection to the socket file is refused: nobody has it open any more. Where the queue
/// is full, somebody has.
bool is_stale(const Address& address, SocketType type) {
  struct stat status {};
  if (::lstat(address.path().c_str(), &status) < 0 || !S_ISSOCK(status.st_mode)) return false;
  const Socket probe = Socket::open(AddressFamily::unix_domain, type);
  const auto raw = to_sockaddr(address);
  ::fcntl(probe.fileno(), F_SETFL, O_NONBLOCK);
  return ::connect(probe.fileno(), raw.get(), raw.length) < 0 && errno == ECONNREFUSED;
}

void set_owner_and_mode(const Address& address, const ServerOptions& options) {
  const char* path = address.path().c_str();
  if (options.socket_owner || options.socket_group) {
    const auto owner = options.socket_owner.value_or(static_cast<unsigned>(-1));
    const auto group = options.socket_group.value_or(static_cast<unsigned>(-1));
    if (::chown(path, owner, group) < 0) {
      throw_os_error(last_error(), "chown " + address.to_string());
    }
  }
  if (options.socket_mode && ::chmod(path, *options.socket_mode) < 0) {
    throw_os_error(last_error(), "chmod " + address.to_string());
  }
}

}  // namespace

UnixSocketFile::UnixSocketFile(const Address& address) {
  if (!has_file(address)) return;
  // It stays the same when the working directory changes.
  std::error_code ec;
  path_ = std::filesystem::absolute(address.path(), ec).native();
  if (ec) path_ = address.path();
}

void UnixSocketFile::note() noexcept {
  struct stat status {};
  if (path_.empty()) return;
  if (::lstat(path_.c_str(), &status) < 0) return path_.clear();
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

UnixSocketFile UnixSocketFile::bind(Socket& socket, const Address& address, SocketType type,
                                    const ServerOptions& options) {
  if (options.replace_stale_socket && has_file(address) && is_stale(address, type)) {
    ::unlink(address.path().c_str());
  }
  // The file is made with the socket's own permissions, so that it is never open to more.
  if (options.socket_mode) ::fchmod(socket.fileno(), *options.socket_mode);
  UnixSocketFile file(address);  // first: once the file is there, it must not be lost sight of
  socket.bind(address);
  file.note();
  try {
    if (has_file(address)) set_owner_and_mode(address, options);
  } catch (...) {
    file.unlink();
    throw;
  }
  return file;
}

void UnixSocketFile::unlink() const noexcept {
  if (path_.empty()) return;
  struct stat status {};
  if (::lstat(path_.c_str(), &status) < 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

}  // namespace socketserver::detail
