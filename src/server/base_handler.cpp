#include <socketserver/server/base_handler.hpp>

#include <exception>
#include <stdexcept>

#include <socketserver/server/base_server.hpp>

#include "server/exception_text.hpp"

namespace socketserver {

void BaseRequestHandler::refuse_detached() {
  throw std::logic_error("the handler is not attached to a request");
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
