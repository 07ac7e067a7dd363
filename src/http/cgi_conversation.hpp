#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/limits.hpp>
#include <socketserver/http/base_handler.hpp>

#include "http/body_spool.hpp"
#include "http/cgi_answer.hpp"
#include "http/cgi_body.hpp"
#include "http/cgi_end.hpp"
#include "http/cgi_process.hpp"
#include "net/wait_set.hpp"

namespace socketserver::http {

/// Carries the body of a request to a script and the script's answer to the client, both at once:
/// neither can block the other for good, however much they send before they listen.
///
/// As long as the client is sending, it is sent no more than it takes at once; what the script does
/// not take meanwhile is spooled. Otherwise whoever is slower holds the faster one up.
///
/// Thread safety: one flow, that of the handler.
class CGIConversation {
 public:
  /// @param handler  whose request it is; the response must not have begun. Borrowed.
  /// @param spool  what came of the request's body already.
  /// @param body_left  how much of the body is still to come.
  /// @param progress_timeout  the longest that the client may send nothing; absent: no limit.
  /// @throws OSError "epoll_create1".
  CGIConversation(BaseHTTPRequestHandler& handler, CGIProcess& script, BodySpool& spool,
                  std::uint64_t body_left, std::optional<Duration> progress_timeout);

  /// Carries everything, waits for the end of the script, and logs how it ended unless all was
  /// well. What is waiting for the client at the end may still wait in the response.
  ///
  /// @throws OSError when the body of the request cannot be read, or the client takes no answer;
  /// the
  ///         script has been killed then.
  CGIEnd run();

  const CGIAnswer& answer() const noexcept { return answer_; }

 private:
  void converse();
  void feed_script();
  void take_body();
  void take_output();
  void deliver();
  bool reads_ahead() const noexcept;
  void wait();
  void set_interests();
  void take_timeout();
  void take_script_end();
  void moved();
  void close_input() noexcept;
  void finish_output(CGIEnd end);
  void await_end();
  void end_by_force() noexcept;
  bool wait_for_end(Deadline deadline);
  void report();

  BaseHTTPRequestHandler& handler_;
  CGIProcess& script_;
  const Limits& limits_;
  const int client_;
  detail::WaitSet waits_;
  CGIBody body_;
  CGIAnswer answer_;
  std::unique_ptr<char[]> block_;
  bool output_ended_ = false;
  bool forced_ = false;  // we have ended it
  std::optional<int> exit_status_;
  CGIEnd end_ = CGIEnd::no_head;

  const Deadline total_;
  Deadline silence_;
};

}  // namespace socketserver::http
