#pragma once

#include <iosfwd>
#include <optional>
#include <string_view>

#include <socketserver/xmlrpc/dispatcher.hpp>
#include <socketserver/xmlrpc/doc_generator.hpp>

namespace socketserver {

/// Answers the one XML-RPC or JSON-RPC request of a CGI program.
///
/// ```cpp
/// int main() {
///   CGIXMLRPCRequestHandler handler;
///   handler.register_function<&add>();
///   handler.handle_request();
/// }
/// ```
/// What it writes begins with header lines that end in LF, as RFC 3875 has them.
///
/// For overriding: `handle_get`, and what a dispatcher has.
/// Lifetime: borrows the streams.
/// Source: Python `xmlrpc.server.CGIXMLRPCRequestHandler`.
class CGIXMLRPCRequestHandler : public SimpleXMLRPCDispatcher {
 public:
  /// @param limits  of which those of XML-RPC count.
  explicit CGIXMLRPCRequestHandler(XMLRPCOptions options = {}, const Limits& limits = {});

  /// With streams in place of standard input and output.
  CGIXMLRPCRequestHandler(XMLRPCOptions options, const Limits& limits, std::istream& in,
                          std::ostream& out);

  /// Answers the request that the environment describes: a GET with `handle_get`, others with the
  /// answer to the message on the input, `CONTENT_LENGTH` bytes of it, or all without that. One
  /// over `limits.xmlrpc_bytes` is 413, a length that is no number 400.
  ///
  /// @param request_text  an XML-RPC message to answer instead; the environment is not looked at.
  void handle_request(std::optional<std::string_view> request_text = std::nullopt);

  /// Writes the answer to an XML-RPC message.
  void handle_xmlrpc(std::string_view request_text);

  /// Writes the answer to a JSON-RPC message.
  void handle_jsonrpc(std::string_view request_text);

  /// Answers a GET: 400, for only POST has a message.
  virtual void handle_get();

 protected:
  /// Writes header lines and a body. `status`, such as "400 Bad Request", is left out when empty.
  void write_answer(std::string_view status, std::string_view content_type, std::string_view body,
                    std::string_view more_fields = {});

 private:
  void write_error(std::string_view status, std::string_view explanation);

  std::istream& in_;
  std::ostream& out_;
};

/// As CGIXMLRPCRequestHandler, and answers GET with the documentation.
///
/// Source: Python `xmlrpc.server.DocCGIXMLRPCRequestHandler`.
class DocCGIXMLRPCRequestHandler : public CGIXMLRPCRequestHandler, public XMLRPCDocGenerator {
 public:
  /// As those of `CGIXMLRPCRequestHandler`.
  explicit DocCGIXMLRPCRequestHandler(XMLRPCOptions options = {}, const Limits& limits = {});
  DocCGIXMLRPCRequestHandler(XMLRPCOptions options, const Limits& limits, std::istream& in,
                             std::ostream& out);

  void handle_get() override;
};

}  // namespace socketserver
