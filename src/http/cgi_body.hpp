#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/http/base_handler.hpp>

#include "http/body_spool.hpp"
#include "http/minimum_rate.hpp"

namespace socketserver::http {

/// The body of a request on its way from the client to a script: what has come and the script has
/// not taken, and what is still to come, with the client's time for that.
///
/// Thread safety: one flow, that of the handler.
class CGIBody {
 public:
  /// @param handler  whose request it is. Borrowed.
  /// @param spool  what came of the body already. Borrowed.
  /// @param left  how much of the body is still to come.
  /// @param progress_timeout  the longest that the client may send nothing; absent: no limit.
  CGIBody(BaseHTTPRequestHandler& handler, BodySpool& spool, std::uint64_t left,
          std::optional<Duration> progress_timeout);

  /// Whether more of it is still to come.
  bool coming() const noexcept { return left_ > 0; }

  /// Whether there is nothing for the script now.
  bool empty() const noexcept { return spool_.empty(); }

  /// As those of BodySpool: what the script is to get next.
  std::string_view front() { return spool_.front(); }
  void consume(std::size_t n) noexcept { spool_.consume(n); }

  /// The script wants no more of it. What is left of it stays unread.
  void drop() noexcept;

  /// Reads what is at hand; false when nothing is.
  ///
  /// @param readable  the client's socket is.
  /// @throws OSError "read request body".
  bool take(bool readable);

  /// A wait in which the client may send begins; returns when its time is up.
  ///
  /// @param wanted  whether more of the body would be read.
  Deadline begin_wait(bool wanted) noexcept;
  void end_wait() noexcept;

  /// Throws the failure that a body has whose time is up, if it is up: that has an answer.
  void check_time();

 private:
  BaseHTTPRequestHandler& handler_;
  BodySpool& spool_;
  std::uint64_t left_;
  const std::optional<Duration> progress_timeout_;
  Deadline deadline_;
  MinimumRate rate_;
  bool judges_ = false;    // this wait is one for the client
  bool too_slow_ = false;  // the client
};

}  // namespace socketserver::http
