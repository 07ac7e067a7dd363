#include <socketserver/server/base_handler.hpp>

#include <exception>
#include <stdexcept>

#include <socketserver/server/base_server.hpp>

#include "server/exception_text.hpp"

namespace socketserver {
namespace {

template <class T>
T& attached(T* part) {
  if (part == nullptr) throw std::logic_error("the handler is not attached to a request");
  return *part;
}

}  // namespace

Request& BaseRequestHandler::request() const {
  return attached(request_);
}

const Address& BaseRequestHandler::client_address() const {
  return attached(client_address_);
}

BaseServer& BaseRequestHandler::server() const {
  return attached(server_);
}

void BaseRequestHandler::run(Request& request, const Address& client_address, BaseServer& server) {
  request_ = &request;
  client_address_ = &client_address;
  server_ = &server;
  setup();
  try {
    handle();
  } catch (...) {
    run_finish_after_error();
    throw;
  }
  finish();
}

void BaseRequestHandler::run_finish_after_error() noexcept {
  try {
    finish();
  } catch (...) {
    // The exception of `handle` is the one that travels on.
    detail::log_current_exception(server(), "finish failed too");
  }
}

}  // namespace socketserver
