#include <socketserver/base/log.hpp>

#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/sigpipe.hpp"

namespace socketserver {

LogSink stderr_log(LogLevel least) {
  return [least](LogLevel level, std::string_view message) {
    if (level < least) return;
    // Not put together in memory: there may be none, and that may be the message.
    char line_end = '\n';
    const std::array<iovec, 2> line = {iovec{const_cast<char*>(message.data()), message.size()},
                                       iovec{&line_end, 1}};
    // There is nowhere to report a failing standard error, and a reader that went away is no reason
    // to end the program.
    const detail::SigpipeBlock no_sigpipe;
    while (::writev(STDERR_FILENO, line.data(), line.size()) < 0 && errno == EINTR) {
    }
  };
}

}  // namespace socketserver
