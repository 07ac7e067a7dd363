#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <socketserver/base/thread_mutex.hpp>
#include <socketserver/http/server.hpp>
#include <socketserver/server/unix_server.hpp>
#include <socketserver/xmlrpc/dispatcher.hpp>
#include <socketserver/xmlrpc/request_handler.hpp>

namespace socketserver {

/// An HTTP server for XML-RPC, and JSON-RPC 2.0, with the functions that it calls.
///
/// ```cpp
/// int add(int a, int b) { return a + b; }
///
/// int main() {
///   SimpleXMLRPCServer server({"localhost", 8000});
///   server.register_introspection_functions();
///   server.register_function<&add>({.doc = "The sum.", .params = {"a", "b"}});
///   server.serve_forever();
/// }
/// ```
/// One client at a time: choose ThreadingXMLRPCServer unless clients are few and calls are quick.
/// Functions are called on the threads of the server's engine, several at once where it has
/// several.
///
/// Source: Python `xmlrpc.server.SimpleXMLRPCServer`.
class SimpleXMLRPCServer : public SimpleXMLRPCDispatcher, public HTTPServer {
 public:
  /// As HTTPServer; the limits of `options` hold for messages too.
  ///
  /// @throws also std::invalid_argument for an unknown encoding.
  explicit SimpleXMLRPCServer(Address server_address,
                              StreamHandler request_handler = handler<SimpleXMLRPCRequestHandler>(),
                              ServerOptions options = {}, XMLRPCOptions xmlrpc_options = {});

  /// With the handler of the class: `SimpleXMLRPCServer server(address, XMLRPCOptions{…});`.
  SimpleXMLRPCServer(Address server_address, XMLRPCOptions xmlrpc_options,
                     ServerOptions options = {});

  ~SimpleXMLRPCServer() override;
};

/// As SimpleXMLRPCServer, on a Unix socket. `UnixStreamServer` says which addresses there are.
class UnixStreamXMLRPCServer : public SimpleXMLRPCDispatcher, public UnixStreamServer {
 public:
  /// Binds and listens, as `SimpleXMLRPCServer` does.
  explicit UnixStreamXMLRPCServer(
      Address server_address, StreamHandler request_handler = handler<SimpleXMLRPCRequestHandler>(),
      ServerOptions options = {}, XMLRPCOptions xmlrpc_options = {});

  /// With the handler of the class.
  UnixStreamXMLRPCServer(Address server_address, XMLRPCOptions xmlrpc_options,
                         ServerOptions options = {});

  ~UnixStreamXMLRPCServer() override;
};

/// A server with a dispatcher of its own for each path.
///
/// ```cpp
/// const XMLRPCHandlerOptions options{.rpc_paths = {"/math"}};
/// MultiPathXMLRPCServer server({"", 8000}, handler<SimpleXMLRPCRequestHandler>(options));
/// auto math = server.add_dispatcher("/math", std::make_shared<SimpleXMLRPCDispatcher>());
/// math->register_function<&add>();
/// ```
/// A path is what the client asks for, query included, and must be among the handler's `rpc_paths`.
/// One without dispatcher is answered with a fault.
///
/// Source: Python `xmlrpc.server.MultiPathXMLRPCServer`.
class MultiPathXMLRPCServer : public SimpleXMLRPCServer {
 public:
  using SimpleXMLRPCServer::SimpleXMLRPCServer;

  /// Sets the dispatcher of a path and returns it. Shared, because one may serve several paths and
  /// calls of one that is replaced may still be running. Any thread.
  ///
  /// @throws std::invalid_argument for null.
  std::shared_ptr<SimpleXMLRPCDispatcher> add_dispatcher(
      std::string path, std::shared_ptr<SimpleXMLRPCDispatcher> dispatcher);

  /// @throws std::out_of_range naming the path when it has none.
  std::shared_ptr<SimpleXMLRPCDispatcher> get_dispatcher(std::string_view path) const;

  using SimpleXMLRPCDispatcher::_marshaled_dispatch;
  std::string _marshaled_dispatch(const xmlrpc::Pieces& data,
                                  const xmlrpc::DispatchMethod& dispatch_method = {},
                                  std::string_view path = {}) override;
  std::string _json_dispatch(std::string_view data,
                             const xmlrpc::DispatchMethod& dispatch_method = {},
                             std::string_view path = {}) override;

 private:
  std::shared_ptr<SimpleXMLRPCDispatcher> find_dispatcher(std::string_view path) const;

  mutable detail::ThreadMutex paths_mutex_;
  std::map<std::string, std::shared_ptr<SimpleXMLRPCDispatcher>, std::less<>> dispatchers_
      SOCKETSERVER_GUARDED_BY(paths_mutex_);
};

}  // namespace socketserver
