#pragma once

#include <memory>
#include <string_view>

#include <socketserver/base/deadline.hpp>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/response_parser.hpp>
#include <socketserver/net/socket.hpp>
#include <socketserver/net/stream.hpp>
#include <socketserver/xmlrpc/client_options.hpp>
#include <socketserver/xmlrpc/client_url.hpp>
#include <socketserver/xmlrpc/codec/value.hpp>
#include <socketserver/xmlrpc/protocol_error.hpp>

namespace socketserver::xmlrpc {

/// Carries calls to a server and brings the answers back, over HTTP/1.1 and one connection that
/// stays open between calls.
///
/// For the caller: `request` and `close`; a ServerProxy does that for you.
/// For overriding: the steps of a request, in the order in which they are called.
///
/// A kept connection that the server has closed meanwhile is replaced by a new one, and the request
/// is sent once more if not one byte of an answer has come. Nothing is sent a third time, and what
/// failed on a new connection is not sent again. (The server may have run the method before it
/// closed without a word; who cannot live with that calls `close` before.)
///
/// Waiting suits the flow that calls: a thread sleeps, a fiber lets its loop run others while one
/// thread waits for all of them, or a helper thread connects (see `offload`).
///
/// Thread safety: one flow at a time.
/// Errors: OSError "connect 127.0.0.1:80" and its like, TimeoutError when the time of
/// `connect_timeout` or `timeout` is up, ProtocolError, ResponseError for an answer that is no HTTP
/// or no XML-RPC or over a limit, Fault. The connection is closed then, except by a Fault and by a
/// short ProtocolError, which leave it in order.
///
/// Differs from Python: sent again only as said above (Python: after any loss of the connection);
/// answers and times are bounded; `GZIP` is gzip.
/// Source: Python `xmlrpc.client.Transport`.
class Transport {
 public:
  /// @throws std::invalid_argument for fields among the options that no request can have.
  explicit Transport(ClientOptions options = {});
  virtual ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  /// Sends the document `body` of a call and returns the values of the answer, of which most have
  /// one.
  virtual Array request(const ClientURL& url, std::string_view body);

  /// Closes the connection. The next request makes a new one.
  virtual void close() noexcept;

  /// As they were given.
  [[nodiscard]] const ClientOptions& options() const noexcept { return options_; }

 protected:
  /// One attempt, with all the steps below.
  virtual Array single_request(const ClientURL& url, std::string_view body, Deadline deadline);

  /// A new connection to the server. Looks up the name and tries its addresses one by one.
  virtual Socket make_connection(const ClientURL& url, Deadline deadline);

  /// Writes the request, on the connection that is kept or a new one: asks `send_headers` for the
  /// fields and leaves the writing to `send_content`.
  virtual void send_request(const ClientURL& url, std::string_view body, Deadline deadline);

  /// Adds the fields that come before those of the content: `Host`, the ones among the options,
  /// `Authorization`, `Accept-Encoding`, `Content-Type`, `User-Agent`.
  virtual void send_headers(const ClientURL& url, http::Headers& headers);

  /// Compresses `body` if it is to be, adds `Content-Encoding` and `Content-Length`, and writes
  /// everything at once.
  virtual void send_content(const ClientURL& url, http::Headers& headers, std::string_view body,
                            Deadline deadline);

  /// Reads the answer whose status is 200 to its end.
  ///
  /// @param body  without its transfer coding; compressed if `head` says so.
  virtual Array parse_response(const ClientURL& url, const http::ParsedResponseHead& head,
                               ByteSource& body, Deadline deadline);

 private:
  struct Connection;

  void connect_or_reuse(const ClientURL& url, Deadline deadline);
  void receive_head(const ClientURL& url, http::ResponseParser& parser, Deadline deadline);

  const ClientOptions options_;
  Deadline connect_deadline_ = Deadline::never();  // of the call under way
  std::unique_ptr<Connection> connection_;
};

}  // namespace socketserver::xmlrpc
