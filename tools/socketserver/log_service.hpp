#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <socketserver/base/log.hpp>
#include <socketserver/base/unique_fd.hpp>

namespace socketserver::tool {

/// What the log service of a machine understands.
enum class LogProtocol {
  syslog,   ///< What syslog(3) writes: RFC 3164 without the name of the machine.
  journal,  ///< systemd's native protocol.
};

struct LogServiceSettings {
  LogProtocol protocol = LogProtocol::syslog;
  int facility = 0;       ///< A LOG_ constant of syslog(3), which the journal is not told.
  std::string path = {};  ///< The socket; "": the usual one.
};

/// Sends messages to the log service of the machine.
///
/// It is neither syslog(3) nor sd_journal_send(3): both drop what the service does not take, in
/// silence, and neither can be told where the service is.
///
/// Thread safety: all of it. Child processes may go on with it.
class LogService {
 public:
  /// @throws OSError "connect PATH", when nobody listens there.
  explicit LogService(const LogServiceSettings& settings);

  /// Sends a message; its lines one by one where the protocol has no others. A service that was
  /// started anew gets it, too; one that takes nothing is waited for a second, once.
  ///
  /// @returns why it was not taken.
  std::error_code send(LogLevel level, std::string_view text);

  /// Before `root`, a path without links, becomes the root: outside of it there will be no other
  /// service to go to.
  void enter_root(const std::string& root);

  /// The socket.
  const std::string& path() const noexcept { return settings_.path; }

 private:
  std::error_code connect();
  std::error_code send_one(std::string_view datagram);

  LogServiceSettings settings_;
  UniqueFd socket_;
  bool is_outside_ = false;           // of the root
  std::atomic<bool> patient_ = true;  // whether a full service is worth waiting for
};

/// What syslog(3) would write: "<30>Oct 10 13:55:36 socketserver[5]: text".
std::string syslog_datagram(int facility, LogLevel level, std::int64_t time, std::string_view text);

/// The fields of a journal entry: MESSAGE, of any number of lines, PRIORITY, SYSLOG_IDENTIFIER.
std::string journal_datagram(LogLevel level, std::string_view text);

}  // namespace socketserver::tool
