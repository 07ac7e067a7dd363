#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <socketserver/testing/raw_client.hpp>
#include <socketserver/testing/server_thread.hpp>
#include <socketserver/xmlrpc.hpp>

#include "../http/answer.hpp"
#include "../http/web_server.hpp"
#include "rpc.hpp"

namespace socketserver::testing {

/// A server of the class `Server` that runs for a scope and keeps its log.
template <class Server>
class RPCServer {
 public:
  explicit RPCServer(StreamHandler request_handler = handler<SimpleXMLRPCRequestHandler>(),
                     XMLRPCOptions xmlrpc = {}, const Limits& limits = {})
      : server_(make_server<Server>(any_address<Server>(), std::move(request_handler),
                                    ServerOptions{.limits = limits, .log = log_.sink()},
                                    std::move(xmlrpc))),
        thread_(*server_) {}

  RawClient connect() const { return RawClient(server_->server_address()); }

  /// The answer to a request on a connection of its own.
  Answer ask(std::string_view request, std::string_view method = "POST") const {
    RawClient client = connect();
    client.send(request);
    return read_answer(client, method);
  }

  /// The answer to a message; `headers` end each with CRLF.
  Answer post(std::string_view body, std::string_view headers = {},
              std::string_view path = "/RPC2") const {
    return ask(post_text(body, headers, path));
  }

  static std::string post_text(std::string_view body, std::string_view headers = {},
                               std::string_view path = "/RPC2") {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(headers) +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
  }

  xmlrpc::Value call(std::string method, const xmlrpc::Array& params = {}) const {
    return value_of(post(call_text(std::move(method), params)).body);
  }

  LogRecorder& log() noexcept { return log_; }
  Server& server() noexcept { return *server_; }
  Server* operator->() noexcept { return server_.get(); }

 private:
  LogRecorder log_;
  std::unique_ptr<Server> server_;
  ServerThread thread_;
};

}  // namespace socketserver::testing
