#pragma once

#include <functional>
#include <string_view>

namespace socketserver {

/// How much a log message matters.
enum class LogLevel {
  debug,    ///< Of interest when hunting a fault: a client that vanished.
  info,     ///< The access log.
  warning,  ///< Something was refused or cut short: over a limit, drained by force.
  error,    ///< A handler failed, or the server could not do its job.
};

/// Where everything that the library has to say goes. It prints nowhere else.
///
/// The message has no line end of its own but may have several lines. Control characters that came
/// from a peer are escaped before they get here.
///
/// Thread: called from any thread, several at once; must not throw.
using LogSink = std::function<void(LogLevel level, std::string_view message)>;

/// A sink that writes each message and a line end to standard error in one write(2), so that the
/// lines of parallel threads do not mix. Messages below `least` are dropped.
LogSink stderr_log(LogLevel least = LogLevel::info);

}  // namespace socketserver
