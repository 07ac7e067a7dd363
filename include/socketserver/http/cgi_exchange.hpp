#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <socketserver/http/base_handler.hpp>
#include <socketserver/http/plain_exchange.hpp>
#include <socketserver/net/address.hpp>
#include <socketserver/server/options.hpp>

namespace socketserver::http {

/// The request that a web server has started this process for, as a CGI program (RFC 3875), and the
/// response to it.
///
/// The handler's `path()` is what the client asked for: `REQUEST_URI`, or else `SCRIPT_NAME`,
/// `PATH_INFO` and `QUERY_STRING`. Header fields are the `HTTP_…` variables, but for `HTTP_PROXY`;
/// those that no header line could have are dropped. What frames messages is the web server's.
class CGIExchange final : public PlainExchange {
 public:
  /// @param environment  null-terminated, as `environ`; looked at now.
  /// @param in, out  descriptors, borrowed: standard input and output.
  /// @param body_bytes  as `Limits::body_bytes`.
  /// @throws std::runtime_error when the environment is not that of a CGI program.
  CGIExchange(const char* const* environment, int in, int out, std::uint64_t body_bytes);

  /// Who asks: `REMOTE_ADDR`; nobody when that is no IP address.
  const Address& client_address() const noexcept { return client_; }

 private:
  IoResult read_body(std::span<char> into) override;
  void send_head(const ResponseHead& head) override;
  void send(std::string_view bytes) override;

  int in_;
  int out_;
  std::uint64_t left_;  // of the request's body
  bool too_large_;
  Address client_;
};

/// Serves the one request of a CGI program with `handler`; what `main` returns.
///
/// ```cpp
/// int main() {
///   Hello handler;
///   return http::serve_cgi(handler);
/// }
/// ```
/// An exception of the handler goes to the log, standard error unless the options say otherwise,
/// and is answered with 500 when nothing was sent yet.
int serve_cgi(BaseHTTPRequestHandler& handler, ServerOptions options = {});

}  // namespace socketserver::http
