#pragma once

#include <string_view>
#include <utility>

#include <socketserver/xmlrpc/doc_generator.hpp>
#include <socketserver/xmlrpc/request_handler.hpp>
#include <socketserver/xmlrpc/server.hpp>

namespace socketserver {

/// As SimpleXMLRPCRequestHandler, and answers GET with the documentation of a server that is also
/// an XMLRPCDocGenerator; a path that ends in `.css` with its style sheet.
///
/// Source: Python `xmlrpc.server.DocXMLRPCRequestHandler`.
class DocXMLRPCRequestHandler : public SimpleXMLRPCRequestHandler {
 public:
  using SimpleXMLRPCRequestHandler::SimpleXMLRPCRequestHandler;

 protected:
  void do_GET() override;
  void do_HEAD() override { do_GET(); }
};

/// A SimpleXMLRPCServer that also shows people what it can do, at the same address.
///
/// ```cpp
/// DocXMLRPCServer server({"localhost", 8000});
/// server.set_server_title("Sums");
/// server.register_function<&add>({.doc = "Adds two numbers.", .params = {"a", "b"}});
/// server.serve_forever();
/// ```
/// Source: Python `xmlrpc.server.DocXMLRPCServer`.
class DocXMLRPCServer : public SimpleXMLRPCServer, public XMLRPCDocGenerator {
 public:
  /// As SimpleXMLRPCServer.
  explicit DocXMLRPCServer(Address server_address,
                           StreamHandler request_handler = handler<DocXMLRPCRequestHandler>(),
                           ServerOptions options = {}, XMLRPCOptions xmlrpc_options = {})
      : SimpleXMLRPCServer(std::move(server_address), std::move(request_handler),
                           std::move(options), std::move(xmlrpc_options)),
        XMLRPCDocGenerator(static_cast<const SimpleXMLRPCDispatcher&>(*this)) {}

  /// With the handler of the class.
  DocXMLRPCServer(Address server_address, XMLRPCOptions xmlrpc_options, ServerOptions options = {})
      : DocXMLRPCServer(std::move(server_address), handler<DocXMLRPCRequestHandler>(),
                        std::move(options), std::move(xmlrpc_options)) {}

  ~DocXMLRPCServer() override;
};

}  // namespace socketserver
