#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <socketserver/http/server.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/net/waiter.hpp>
#include <socketserver/server/handler.hpp>

namespace socketserver::testing {

/// A client whose packets are known beforehand and arrive one by one, each when the server has
/// nothing left to read: no threads, no clock, the same course every time.
///
/// It is the Waiter of the server's end of a connection: whenever that would wait for input, the
/// next packet arrives; when there is none left, the client does what `End` says.
class ScriptedPeer final : public Waiter {
 public:
  enum class End {
    half_close,  ///< The client ends its stream.
    silence,     ///< It sends nothing more: every wait times out at once.
    stop,        ///< The server is told to stop: every wait is cancelled.
  };

  /// A wait for input.
  struct Wait {
    Duration patience;  ///< Until its deadline; `Duration::max()` without one.
    bool idle;
  };

  explicit ScriptedPeer(std::vector<std::string> packets, End end = End::half_close);

  /// Has `server`'s handler serve the connection on this thread; everything that it sent until it
  /// closed.
  ///
  /// @throws what the handler throws.
  std::string run(BaseServer& server);

  /// All that was sent, also when `run` threw.
  const std::string& received() const noexcept { return received_; }

  /// The waits for input, in order, the hopeless ones included.
  const std::vector<Wait>& waits() const noexcept { return waits_; }

  std::error_code wait(int fd, Interest interest, Deadline deadline, bool idle) override;

 private:
  bool receive();
  std::error_code next_packet();

  std::vector<std::string> packets_;
  End end_;
  std::size_t next_ = 0;
  Socket own_end_;
  Socket servers_end_;
  std::string received_;
  std::vector<Wait> waits_;
};

/// A server that only lends its options to a handler: it is not even bound.
class IdleServer : public HTTPServer {
 public:
  explicit IdleServer(
      StreamHandler request_handler, const Limits& limits = {},
      LogSink log = [](LogLevel, std::string_view) {})
      : HTTPServer({"127.0.0.1", 0}, std::move(request_handler), options(limits, std::move(log))) {}

 private:
  static ServerOptions options(const Limits& limits, LogSink log) {
    ServerOptions options;
    options.bind_and_activate = false;
    options.limits = limits;
    options.log = std::move(log);
    return options;
  }
};

/// Serves a client that sends these packets and then ends its stream; everything that the handler
/// sent.
std::string serve(BaseServer& server, std::vector<std::string> packets);

}  // namespace socketserver::testing
