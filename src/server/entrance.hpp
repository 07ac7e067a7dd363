#pragma once

#include <exception>

#include <socketserver/server/base_server.hpp>

#include "server/accept_pause.hpp"
#include "server/client_limit.hpp"
#include "server/refusals.hpp"

namespace socketserver::detail {

/// What a server looks at before it lets a client in.
///
/// Thread safety: that of its members.
struct Entrance {
  /// @param server  borrowed; all of it but its entrance may be used.
  explicit Entrance(BaseServer& server)
      : clients(server.options().limits.max_connections_per_ip),
        refusals(server, server.RequestHandlerClass().busy_answer()) {}

  /// Logs what there is to tell by now of clients that were refused.
  void tell_refusals(const BaseServer& server, bool last = false) {
    for (RefusalReport* const report : {&clients.report(), &refusals.report()}) {
      if (report->empty()) continue;  // nearly always: this is asked for every packet
      if (const auto text = report->take(last)) server.log(LogLevel::warning, *text);
    }
  }

  /// Logs the rest, because the server will not come here soon.
  ///
  /// @param failure  set to what the log throws, if it is the first.
  void tell_last_refusals(const BaseServer& server, std::exception_ptr& failure) {
    try {
      tell_refusals(server, true);
    } catch (...) {
      if (!failure) failure = std::current_exception();
    }
  }

  /// When the loop must go on for what is here.
  Deadline next() noexcept {
    const Deadline report = Deadline::earlier(clients.report().next(), refusals.report().next());
    return Deadline::earlier(report, Deadline::earlier(pause.until(), refusals.next()));
  }

  AcceptPause pause;
  ClientLimit clients;
  Refusals refusals;
};

}  // namespace socketserver::detail
