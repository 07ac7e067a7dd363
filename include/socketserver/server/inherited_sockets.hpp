#pragma once

#include <string>
#include <vector>

namespace socketserver {

/// A listening socket that a service manager opened for this process.
struct InheritedSocket {
  int fd = -1;       ///< Open, and owned by who asked.
  std::string name;  ///< As the manager calls it (`FileDescriptorName=`); "" when it gives none.
};

/// The sockets that a service manager handed over (socket activation): give each as
/// `{.inherited_fd = socket.fd}` to the server that is to have it.
///
/// ```cpp
/// for (const InheritedSocket& socket : inherited_sockets()) {
///   if (socket.name == "web") serve({.inherited_fd = socket.fd});
/// }
/// ```
/// Call it once, at the start, while there is one thread: it removes the variables of the
/// environment that announce the sockets, so that no child takes them for its own, and marks the
/// descriptors close-on-exec. Whoever calls owns the descriptors. None when there is no manager or
/// the variables are meant for another process.
///
/// Source: sd_listen_fds_with_names(3): `LISTEN_PID`, `LISTEN_FDS`, `LISTEN_FDNAMES`.
std::vector<InheritedSocket> inherited_sockets();

}  // namespace socketserver
