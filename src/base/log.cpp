#include <socketserver/base/log.hpp>

#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/sigpipe.hpp"

namespace socketserver {

LogSink stderr_log(LogLevel least) {
  return [least](LogLevel level, std::string_view message) {
    if (level < least) return;
    std::string line(message);
    line += '\n';
    // There is nowhere to report a failing standard error, and a reader that went away is no reason
    // to end the program.
    const detail::SigpipeBlock no_sigpipe;
    while (::write(STDERR_FILENO, line.data(), line.size()) < 0 && errno == EINTR) {
    }
  };
}

}  // namespace socketserver
