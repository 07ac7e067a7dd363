#pragma once

#include <sys/types.h>

#include <string>

#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/server/options.hpp>

namespace socketserver::detail {

/// The file of a bound Unix socket.
///
/// Nothing when the address is abstract or unnamed.
class UnixSocketFile {
 public:
  /// Binds `socket` as the options say: stale file, permissions, owner.
  ///
  /// @throws OSError "bind unix:/path", "chmod unix:/path", "chown unix:/path".
  static UnixSocketFile bind(Socket& socket, const Address& address, SocketType type,
                             const ServerOptions& options);

  /// Removes the file if it is still the one that was bound.
  void unlink() const noexcept;

 private:
  explicit UnixSocketFile(const Address& address);

  /// Takes note which file was bound.
  void note() noexcept;

  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace socketserver::detail
