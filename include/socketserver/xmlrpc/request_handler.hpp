#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/http/base_handler.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>

namespace socketserver {

/// What SimpleXMLRPCRequestHandler takes: the class attributes of Python's, under their names.
struct XMLRPCHandlerOptions {
  /// The targets that are served, compared as they are sent, query included. Empty: all.
  std::vector<std::string> rpc_paths = {"/", "/RPC2", "/pydoc.css"};

  /// Answers longer than this, in bytes, are compressed for clients that take gzip; absent: none.
  std::optional<std::size_t> encode_threshold = 1400;

  /// How many times its size a gzip body may come to, beyond 64 KiB; 0: any number, up to
  /// `limits.xmlrpc_bytes`. Over it: 400, as a body of few bytes would cost its receiver megabytes.
  std::size_t decode_expansion = 50;

  /// Whether a page of another origin may have a browser call methods here. Otherwise 403: who
  /// opens such a page would lend it all that this server lets them do.
  bool allow_other_origins = false;

  /// Over a loopback address pages may call methods by IP address and as localhost only, otherwise
  /// 421, see `http::is_misdirected`; and by these names: those by which a proxy on the same
  /// machine asks. "*" is any.
  std::vector<std::string> hosts = {};
};

/// Answers XML-RPC and JSON-RPC requests: POST with a message for the server's functions.
///
/// It serves any server that is also a SimpleXMLRPCDispatcher, such as SimpleXMLRPCServer.
///
/// For overriding: `_dispatch`, to call methods with the request at hand, its client's address for
/// example; `decode_request_content`, `is_rpc_path_valid`, `report_404`; what it inherits.
/// Differs from Python: a request without a length is 411, one over `limits.xmlrpc_bytes` 413;
/// bodies in chunks are read; JSON-RPC is answered; pages of other origins are refused.
/// Source: Python `xmlrpc.server.SimpleXMLRPCRequestHandler`.
class SimpleXMLRPCRequestHandler : public BaseHTTPRequestHandler {
 public:
  using Options = XMLRPCHandlerOptions;  ///< What `handler<…>()` takes.

  /// With the default options.
  SimpleXMLRPCRequestHandler();

  /// @param options  borrowed; `handler<SimpleXMLRPCRequestHandler>(options)` keeps them.
  explicit SimpleXMLRPCRequestHandler(const Options& options) noexcept : options_(options) {}

  /// The codings of `Accept-Encoding` in lower case, with their weights. What cannot be read does
  /// not count.
  std::map<std::string, double> accept_encodings() const;

  /// As the base's, unless the server's options say that requests are not logged.
  void log_request(std::optional<int> code = std::nullopt,
                   std::optional<std::uint64_t> size = std::nullopt) override;

 protected:
  std::string_view server_version() const override { return "SimpleXMLRPC/0.1"; }

  void do_POST() override;

  /// Calls a method; by default `dispatcher` does, which is the server's, or that of the path. Also
  /// called for each call inside a `system.multicall`, once for that has been called itself.
  ///
  /// Differs from Python: the server makes the inner calls there, so that what a handler refuses is
  /// reached by a multicall.
  virtual xmlrpc::Value _dispatch(SimpleXMLRPCDispatcher& dispatcher, std::string_view method,
                                  const xmlrpc::Array& params);

  /// Whether `path()` is one of `rpc_paths`.
  virtual bool is_rpc_path_valid() const;

  /// Answers 404 as a text.
  virtual void report_404();

  /// Takes the content coding off the body as it comes: returns the pieces of what it holds, or
  /// nothing when it has answered itself: 501 for a coding that it does not know.
  ///
  /// The pieces throw http::RequestError, which becomes 400, for a body that is broken or comes to
  /// more than `decode_expansion` or `limits.xmlrpc_bytes` allow.
  virtual std::optional<xmlrpc::Pieces> decode_request_content(const xmlrpc::Pieces& body);

  const Options& options() const noexcept { return options_; }  ///< As they were given.

  /// The server's part that has the functions.
  ///
  /// @throws std::logic_error when the server has none.
  SimpleXMLRPCDispatcher& dispatcher() const;

 private:
  bool refuse_unread();
  std::string_view next_piece();
  std::optional<std::string> answer_to(const xmlrpc::Pieces& body, bool json);
  bool is_json_rpc() const;
  void send_empty(int status, const std::string& reason);
  void send_answer(std::string answer, std::string_view content_type);
  void send_internal_error();
  bool accepts_gzip() const;

  const Options& options_;
  mutable SimpleXMLRPCDispatcher* dispatcher_ = nullptr;  // once it was asked for
  std::string piece_;
  std::size_t received_ = 0;
};

}  // namespace socketserver
