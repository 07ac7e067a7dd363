#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/plain_exchange.hpp>

namespace socketserver::http {

/// A request and its response in memory: what tests a handler without a socket.
///
/// ```cpp
/// Hello handler;
/// http::MemoryExchange exchange({.target = "/a?b=c"});
/// exchange.run(handler);
/// // exchange.response().status, exchange.body()
/// ```
/// Lifetime: the response lives until the exchange goes.
/// Source: Go `httptest.ResponseRecorder`.
class MemoryExchange final : public PlainExchange {
 public:
  /// What a client would send.
  struct Request {
    std::string method = "GET";  ///< As in the request line.
    std::string target = "/";    ///< As in the request line: path and query.
    Headers headers = {};        ///< Content-Length follows from the body.
    std::string body = {};       ///< Without any coding.
  };

  /// @param request  is answered by whatever serves this exchange.
  explicit MemoryExchange(Request request);

  /// Lets `handler` serve the request, as a client at 127.0.0.1 had sent it; the handler's log is
  /// dropped.
  ///
  /// @throws what the handler throws.
  void run(BaseHTTPRequestHandler& handler);

  /// The head of the response; as long as none was begun, status 0.
  const ResponseHead& response() const noexcept { return head(); }

  /// The body as it would reach the client: empty for HEAD, and for 204 and 304.
  const std::string& body() const noexcept { return received_; }

 private:
  IoResult read_body(std::span<char> into) override;
  void send_head(const ResponseHead& /*head*/) override {}
  void send(std::string_view bytes) override { received_ += bytes; }

  std::string sent_;
  std::size_t read_ = 0;
  std::string received_;
};

}  // namespace socketserver::http
