#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace socketserver::tool {

/// Writes to where messages go, as far as that takes them: there is nowhere to complain.
inline void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace socketserver::tool
