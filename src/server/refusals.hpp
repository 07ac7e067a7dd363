#pragma once

#include <deque>
#include <optional>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/request.hpp>

#include "server/refusal_report.hpp"

namespace socketserver {

class BaseServer;

namespace detail {

/// Connections that a full server has told so, and keeps for a moment: a client that was still
/// sending when it was closed would get a reset instead of the answer.
///
/// Thread safety: the serving thread only.
class Refusals {
 public:
  /// @param server  borrowed.
  /// @param answer  what they are told; "": nobody is refused, who comes waits for room.
  Refusals(BaseServer& server, std::string_view answer) : server_(server), answer_(answer) {}

  /// Others take connections from the same listeners: clients get a moment to be taken by them.
  void leave_to_others() noexcept { shared_ = true; }

  // In each turn of the loop

  /// Whether to watch the listener although the server is `full`.
  bool watches(bool full) noexcept;

  /// When the loop must go on for what is here.
  Deadline next() const noexcept;

  /// Whether the next client is to be refused, now that the listener is `ready` or not.
  bool takes(bool ready) noexcept;

  /// Tells a client, and takes its request.
  void refuse(Request& request, const Address& client_address);

  /// Ends those that have had their time, or whose place others want.
  void end_old();

  /// Ends all of them.
  void end_all();

  /// In a child process: closes the copies of what is the parent's.
  void leave() noexcept { kept_.clear(); }

  bool answers() const noexcept { return !answer_.empty(); }

  RefusalReport& report() noexcept { return report_; }

 private:
  struct Kept {
    Request request;
    Deadline until;
  };

  void end_first();

  BaseServer& server_;
  const std::string_view answer_;
  bool shared_ = false;
  std::optional<Deadline> others_until_;  // a client waits for them
  int turns_left_ = 0;                    // before others get their moment again
  std::deque<Kept> kept_;                 // the oldest first
  RefusalReport report_{"max_connections"};
};

}  // namespace detail
}  // namespace socketserver
