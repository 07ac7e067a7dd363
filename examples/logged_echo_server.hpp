#pragma once

// The server of socketserver_echo: every hook does what the base class does, and says so.

#include <string>
#include <utility>

#include "logged_echo_handler.hpp"

namespace example {

class EchoServer : public socketserver::TCPServer {
 public:
  using Request = socketserver::Request;
  using Address = socketserver::Address;

  EchoServer(Address address, socketserver::StreamHandler handler,
             socketserver::ServerOptions options)
      : TCPServer(std::move(address), std::move(handler), std::move(options)) {
    note("EchoServer: __init__");
  }
  void server_activate() override {
    note("EchoServer: server_activate");
    TCPServer::server_activate();
  }
  // A loop of its own in place of the library's.
  void serve_forever(socketserver::Duration /*poll_interval*/ = {}) override {
    note("EchoServer: waiting for request");
    note("EchoServer: Handling requests, press <Ctrl-C> to quit");
    for (;;) handle_request();
  }
  void handle_request() {
    note("EchoServer: handle_request");
    TCPServer::handle_request();
  }

 protected:
  bool verify_request(Request& request, const Address& client_address) override {
    note_call("verify_request", request, client_address);
    return TCPServer::verify_request(request, client_address);
  }
  void process_request(Request& request, const Address& client_address) override {
    note_call("process_request", request, client_address);
    TCPServer::process_request(request, client_address);
  }
  void finish_request(Request& request, const Address& client_address) override {
    note_call("finish_request", request, client_address);
    TCPServer::finish_request(request, client_address);
  }
  void close_request(Request& request) override {
    note("EchoServer: close_request(<socket fd=" + std::to_string(request.fileno()) + ">)");
    TCPServer::close_request(request);
  }
};

}  // namespace example
