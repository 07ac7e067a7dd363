#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/server.hpp>
#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>

#include "answer.hpp"

namespace socketserver::testing {

inline constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Options of a server that logs nothing.
ServerOptions quiet();

/// Keeps what a server logs.
///
/// Thread safety: every member from any thread.
class LogRecorder {
 public:
  LogRecorder();

  /// A sink that keeps messages; it may outlive the recorder.
  LogSink sink() const;

  /// All messages of `least` or above, in order.
  std::vector<std::string> messages(LogLevel least = LogLevel::info) const;

  /// Whether a message of `least` or above has this text.
  bool has(std::string_view text, LogLevel least = LogLevel::info) const;

  /// Waits until there is such a message.
  void wait_for(std::string_view text, LogLevel least = LogLevel::info) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// A ThreadingHTTPServer that runs for a scope and keeps its log.
class WebServer {
 public:
  explicit WebServer(StreamHandler request_handler, const Limits& limits = {});

  const Address& address() const noexcept { return server_.address(); }
  RawClient connect() const { return RawClient(address()); }

  /// Sends `request` on a connection of its own; everything that comes until the server closes it.
  std::string ask(std::string_view request) const;

  /// The answer to "GET `target`" on a connection of its own; `headers` end each with CRLF.
  Answer get(std::string_view target, std::string_view headers = {}) const;

  /// Asks for "/" on a connection of its own; whether that is answered with a status below 500.
  bool is_well() const;

  LogRecorder& log() noexcept { return log_; }
  ThreadingHTTPServer& server() noexcept { return server_.server(); }
  void stop() { server_.stop(); }

 private:
  LogRecorder log_;
  TestServer<ThreadingHTTPServer> server_;
};

/// What a ScriptedHandler does: a function, and settings that a function alone cannot have.
struct Script {
  /// Serves every method.
  std::function<void(BaseHTTPRequestHandler&)> method;
  std::string protocol_version = "HTTP/1.1";
  std::optional<Duration> timeout = {};
};

class ScriptedHandler : public BaseHTTPRequestHandler {
 public:
  using Options = Script;

  explicit ScriptedHandler(const Script& script) : script_(script) {}

 protected:
  std::string_view protocol_version() const override { return script_.protocol_version; }
  std::optional<Duration> timeout() const override { return script_.timeout; }

  bool dispatch(std::string_view /*command*/) override {
    script_.method(*this);
    return true;
  }

 private:
  const Script& script_;
};

/// Answers 200 with what was asked: lines "command=…", "path=…", "version=…", "requestline=…", the
/// header lines, an empty line, the body. All lines end in LF. Gives no Content-Length.
void echo_request(BaseHTTPRequestHandler& self);

/// Answers 200 with `body`, and its Content-Length.
void send_text(BaseHTTPRequestHandler& self, std::string_view body);

}  // namespace socketserver::testing
