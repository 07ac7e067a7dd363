#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/limits.hpp>
#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/proto/cgi_head.hpp>

#include "http/cgi_end.hpp"

namespace socketserver::http {

/// The output of a script on its way to the client: first its head, which becomes that of the
/// response, then the rest.
///
/// Thread safety: one flow, that of the handler.
class CGIAnswer {
 public:
  /// @param handler  whose response it is; it must not have begun. Borrowed.
  /// @param author  who writes the output, as the log calls it: "CGI script". Borrowed.
  CGIAnswer(BaseHTTPRequestHandler& handler, std::string_view author);

  /// Whether there is room for more output.
  bool has_room() const noexcept;

  /// Takes output. An end: there must be no more of it.
  std::optional<CGIEnd> take(std::string_view output);

  /// Whether the client has not got all of it.
  bool holds() const noexcept { return !held_.empty(); }

  /// Sends the client what there is of it, or a little when the client is sending itself: then it
  /// may listen only after it has spoken. An end: there must be no more output.
  ///
  /// @param client_speaks  there is more of the request's body to come.
  /// @param writable  the client's socket is.
  /// @throws OSError when the client takes nothing.
  std::optional<CGIEnd> deliver(bool client_speaks, bool writable);

  /// How much of the body the client has been sent.
  std::uint64_t delivered() const noexcept { return delivered_; }

  /// When what was delivered should not wait for more any longer; never: nothing waits.
  Deadline flush_at() const noexcept { return flush_at_; }
  void flush();

  /// How it ends when there is no more output.
  CGIEnd end() const noexcept;

  /// Whether the client has been sent the head.
  bool head_sent() const noexcept { return head_sent_; }

  /// Whether all of it is there: it has as much as it has announced.
  bool is_whole() const noexcept { return announced_ == std::uint64_t{0}; }

  /// How much less than announced there was, when there is no more output.
  std::uint64_t missing() const;

  const CGIHead& head() const noexcept { return parser_.head(); }

 private:
  std::optional<CGIEnd> take_head();
  void send_head();

  BaseHTTPRequestHandler& handler_;
  const std::string_view author_;
  const Limits& limits_;
  CGIHeadParser parser_;
  std::string head_text_;                   // until the head is complete
  std::string held_;                        // output that the client has not got
  std::optional<std::uint64_t> announced_;  // what is left of the script's Content-Length
  std::uint64_t delivered_ = 0;
  bool head_sent_ = false;
  bool redirected_ = false;  // what comes is of no interest
  Deadline flush_at_ = Deadline::never();
};

}  // namespace socketserver::http
