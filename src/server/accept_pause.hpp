#pragma once

#include <optional>
#include <string>
#include <system_error>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/net/socket.hpp>

namespace socketserver::detail {

/// Keeps a server calm that has run out of descriptors or memory.
///
/// The listening socket stays readable then, so a loop that just tried again would spin. Instead
/// the shortage is reported once, one waiting client is shed with a descriptor kept in reserve (it
/// learns at once instead of hanging), and accepting pauses, for longer each time.
///
/// Thread safety: the serving thread only.
class AcceptPause {
 public:
  AcceptPause();

  /// Takes note of a failed accept. Returns what to report when this begins a shortage.
  std::optional<std::string> failed(const std::error_code& code, Socket& listener);

  /// Takes note of a request that nobody could be found to serve: no thread, no process.
  void no_worker(const std::error_code& code) noexcept;

  /// Takes note of an accept that worked: the shortage is over.
  void succeeded() noexcept;

  bool pausing() const noexcept { return pausing_ && !until_.expired(); }

  /// When to try again; never when there is no pause.
  Deadline until() const noexcept { return pausing() ? until_ : Deadline::never(); }

 private:
  void shed(Socket& listener);

  UniqueFd reserve_;
  bool pausing_ = false;
  Duration pause_;
  Deadline until_ = Deadline::never();
};

}  // namespace socketserver::detail
