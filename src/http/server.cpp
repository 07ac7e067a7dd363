#include <socketserver/http/server.hpp>

#include <netdb.h>

#include <array>
#include <utility>

#include "net/sockaddr.hpp"

namespace socketserver {
namespace {

ServerOptions with_http_defaults(ServerOptions options) {
  options.allow_reuse_address = options.allow_reuse_address.value_or(true);
  return options;
}

ServerOptions with_threading_defaults(ServerOptions options) {
  options.daemon_threads = options.daemon_threads.value_or(true);
  return options;
}

}  // namespace

HTTPServer::HTTPServer(Address server_address, StreamHandler request_handler, ServerOptions options)
    : TCPServer(std::move(server_address), std::move(request_handler),
                with_http_defaults(std::move(options))) {}

std::string HTTPServer::server_name() const {
  const auto raw = detail::to_sockaddr(server_address());
  std::array<char, NI_MAXHOST> name{};
  if (::getnameinfo(raw.get(), raw.length, name.data(), name.size(), nullptr, 0, 0) != 0) {
    return server_address().host();
  }
  return name.data();
}

template class ThreadingMixIn<HTTPServer>;

ThreadingHTTPServer::ThreadingHTTPServer(Address server_address, StreamHandler request_handler,
                                         ServerOptions options)
    : ThreadingMixIn(std::move(server_address), std::move(request_handler),
                     with_threading_defaults(std::move(options))) {}

}  // namespace socketserver
