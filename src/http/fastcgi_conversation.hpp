#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/base/limits.hpp>
#include <socketserver/http/base_handler.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/net/socket.hpp>

#include "http/body_spool.hpp"
#include "http/cgi_answer.hpp"
#include "http/cgi_body.hpp"
#include "http/cgi_end.hpp"
#include "http/fastcgi_errors.hpp"
#include "http/proto/fastcgi_records.hpp"
#include "net/wait_set.hpp"

namespace socketserver::http {

/// Carries a request to a FastCGI application, on a connection of its own, and the application's
/// answer to the client, both at once, as CGIConversation does with a script. What the application
/// has to say beside it goes to the log.
///
/// Thread safety: one flow, that of the handler.
class FastCGIConversation {
 public:
  /// @param handler  whose request it is; the response must not have begun. Borrowed.
  /// @param application  where it listens.
  /// @param variables  what it is told of the request.
  /// @param spool  what came of the request's body already. Borrowed.
  /// @param body_left  how much of the body is still to come.
  /// @param progress_timeout  the longest that the client may send nothing; absent: no limit.
  /// @throws OSError "connect unix:/run/app.sock", `std::errc::timed_out` among others;
  ///         "epoll_create1".
  FastCGIConversation(BaseHTTPRequestHandler& handler, const Address& application,
                      const std::map<std::string, std::string>& variables, BodySpool& spool,
                      std::uint64_t body_left, std::optional<Duration> progress_timeout);

  /// Carries everything until the application says that the request has ended, and logs how it
  /// ended unless all was well. What is waiting for the client at the end may still wait in the
  /// response.
  ///
  /// @throws OSError when the body of the request cannot be read, or the client takes no answer.
  CGIEnd run();

  const CGIAnswer& answer() const noexcept { return answer_; }

 private:
  void send_request();
  void add_input();
  void close_input() noexcept;
  void take_body();
  void take_answer();
  void read_records(std::string_view bytes);
  void take_end();
  void deliver();
  bool reads_ahead() const noexcept;
  void wait();
  void set_interests();
  void take_timeout();
  void moved();
  void fail(std::string_view what);
  void report();

  BaseHTTPRequestHandler& handler_;
  const std::string name_;  // of the application, for the log
  const Limits& limits_;
  const Deadline total_;
  Deadline silence_;
  Socket socket_;
  const int client_;
  detail::WaitSet waits_;
  CGIBody body_;
  CGIAnswer answer_;
  FastCGIErrors errors_;
  FastCGIReader reader_;
  std::unique_ptr<char[]> block_;
  std::string outgoing_;    // records that the application has not taken
  bool input_open_ = true;  // more records are to be made
  std::optional<CGIEnd> end_;
};

}  // namespace socketserver::http
