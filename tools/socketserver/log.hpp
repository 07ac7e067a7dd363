#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <socketserver/base/log.hpp>
#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/base/unique_fd.hpp>

#include "log_pattern.hpp"
#include "log_service.hpp"

namespace socketserver::tool {

/// How requests are logged.
enum class LogFormat {
  python,    ///< `address - - [date] "GET / HTTP/1.1" 200 -`, and a line for each error.
  common,    ///< The common log format.
  combined,  ///< The same with referer and user agent.
  json,      ///< An object a line.
  pattern,   ///< As LogSettings::pattern says.
};

struct LogSettings {
  LogFormat format = LogFormat::combined;
  std::optional<LogPattern> pattern = {};
  LogLevel least = LogLevel::info;
  std::string file = {};                           ///< "": standard error.
  std::optional<LogServiceSettings> service = {};  ///< In place of a file.
  bool colored = false;
};

/// The one log of the tool: on standard error, in a file, or with the log service of the machine.
/// Each line is one write(2), so that those of parallel threads and processes do not mix. What the
/// service does not take is written to standard error.
///
/// A file is opened anew, for it may have been moved away: by each process of its own, and when
/// SIGUSR1 or SIGHUP has come to any process that has this log. What cannot be opened anew is kept.
///
/// Thread safety: all of it.
class Log {
 public:
  /// @throws OSError "open FILE", "connect SOCKET".
  explicit Log(LogSettings settings);
  ~Log();

  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  LogFormat format() const noexcept { return settings_.format; }

  /// That of LogFormat::pattern, for which there must be one.
  const LogPattern& pattern() const { return settings_.pattern.value(); }

  /// Before `root`, a path without links, becomes the root: outside of it the file is not opened
  /// anew any more, nor the service connected to, for there another one could have its name. Before
  /// there are other threads.
  void enter_root(const std::string& root);

  /// For servers: it refers to this object.
  LogSink sink();

  /// A line of the access log, formatted already.
  void access(LogLevel level, std::string line);

  /// Has `writer` write what would go to standard error, a whole line with its end at a time; null:
  /// nobody. Not while lines may be logged.
  void write_by(std::function<void(std::string_view)> writer) { writer_ = std::move(writer); }

  /// Anything else. In a log of JSON it becomes an object, too.
  void message(LogLevel level, std::string_view text);

 private:
  bool is_standard_error() const { return settings_.file.empty() && !settings_.service; }
  void write(LogLevel level, std::string line);
  bool give_to_service(LogLevel level, std::string_view text);
  void reopen_if_asked() SOCKETSERVER_REQUIRES(mutex_);
  bool open() SOCKETSERVER_REQUIRES(mutex_);

  LogSettings settings_;
  std::function<void(std::string_view)> writer_;
  std::optional<LogService> service_;
  std::atomic<bool> service_takes_ = true;  // as far as anybody knows
  detail::ThreadMutex mutex_;
  UniqueFd file_ SOCKETSERVER_GUARDED_BY(mutex_);
  unsigned opened_for_ SOCKETSERVER_GUARDED_BY(mutex_) = 0;  // how many signals have been obeyed
  bool is_outside_ SOCKETSERVER_GUARDED_BY(mutex_) = false;  // of the root
  int opened_by_ SOCKETSERVER_GUARDED_BY(mutex_) = 0;        // the process that has
};

/// A line with its status in the color of its kind, and warnings and errors as a whole.
std::string colored(LogLevel level, std::string_view line);

}  // namespace socketserver::tool
