#include <socketserver/http/memory_exchange.hpp>

#include <algorithm>
#include <utility>

#include <socketserver/http/server.hpp>

namespace socketserver::http {
namespace {

RequestHead head_of(const MemoryExchange::Request& request) {
  RequestHead head;
  head.method = request.method;
  head.target = request.target;
  // As RequestParser does.
  const std::size_t slashes =
      std::min(request.target.find_first_not_of('/'), request.target.size());
  head.path = slashes > 1 ? request.target.substr(slashes - 1) : request.target;
  head.version = "HTTP/1.1";
  head.version_major = 1;
  head.version_minor = 1;
  head.requestline = head.method + ' ' + head.target + ' ' + head.version;
  head.headers = request.headers;
  if (!request.body.empty()) {
    head.headers.set("Content-Length", std::to_string(request.body.size()));
    head.framing = Framing::length;
    head.content_length = request.body.size();
  }
  return head;
}

}  // namespace

MemoryExchange::MemoryExchange(Request request)
    : PlainExchange(head_of(request)), sent_(std::move(request.body)) {}

void MemoryExchange::run(BaseHTTPRequestHandler& handler) {
  ServerOptions options;
  options.bind_and_activate = false;
  options.log = nullptr;
  HTTPServer server(
      {"127.0.0.1", 0}, [](BaseHTTPRequestHandler&) {}, std::move(options));
  handler.serve(*this, {"127.0.0.1", 0}, server);
}

IoResult MemoryExchange::read_body(std::span<char> into) {
  const std::size_t n = sent_.copy(into.data(), into.size(), read_);
  read_ += n;
  return {n, {}};
}

}  // namespace socketserver::http
