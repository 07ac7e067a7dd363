#include <socketserver/xmlrpc/cgi_handler.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>
#include <utility>

#include <socketserver/http/proto/text.hpp>

#include "xmlrpc/media_type.hpp"

namespace socketserver {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

/// Reads `count` bytes, or what there is before the end.
std::string read_up_to(std::istream& in, std::size_t count) {
  std::string text;
  std::array<char, 65536> buffer;
  while (text.size() < count && in) {
    const std::size_t wanted = std::min(buffer.size(), count - text.size());
    in.read(buffer.data(), static_cast<std::streamsize>(wanted));
    text.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

}  // namespace

CGIXMLRPCRequestHandler::CGIXMLRPCRequestHandler(XMLRPCOptions options, const Limits& limits)
    : CGIXMLRPCRequestHandler(std::move(options), limits, std::cin, std::cout) {}

CGIXMLRPCRequestHandler::CGIXMLRPCRequestHandler(XMLRPCOptions options, const Limits& limits,
                                                 std::istream& in, std::ostream& out)
    : SimpleXMLRPCDispatcher(std::move(options), limits), in_(in), out_(out) {}

void CGIXMLRPCRequestHandler::handle_request(std::optional<std::string_view> request_text) {
  if (request_text) return handle_xmlrpc(*request_text);
  if (variable("REQUEST_METHOD") == "GET") return handle_get();

  const std::size_t limit = load_limits().bytes;
  std::size_t count = std::numeric_limits<std::size_t>::max();
  const std::string_view length = variable("CONTENT_LENGTH");
  if (!length.empty()) {
    const auto [end, ec] = std::from_chars(length.data(), length.data() + length.size(), count);
    if (ec == std::errc::result_out_of_range) {
      count = limit + 1;
    } else if (ec != std::errc{} || end != length.data() + length.size()) {
      return write_error("400 Bad Request", "The length of the message is no number.");
    }
    if (count > limit) return write_error("413 Content Too Large", "The message is too large.");
  }
  const std::string message = read_up_to(in_, std::min(count, limit + 1));
  if (message.size() > limit) {
    return write_error("413 Content Too Large", "The message is too large.");
  }
  if (xmlrpc_options().json_rpc && xmlrpc::is_json(variable("CONTENT_TYPE"))) {
    return handle_jsonrpc(message);
  }
  handle_xmlrpc(message);
}

void CGIXMLRPCRequestHandler::handle_xmlrpc(std::string_view request_text) {
  write_answer("", "text/xml", _marshaled_dispatch(request_text));
}

void CGIXMLRPCRequestHandler::handle_jsonrpc(std::string_view request_text) {
  const std::string answer = _json_dispatch(request_text);
  write_answer(answer.empty() ? "204 No Content" : "", "application/json", answer);
}

void CGIXMLRPCRequestHandler::handle_get() {
  write_error("400 Bad Request", "Methods are called by POST.");
}

void CGIXMLRPCRequestHandler::write_error(std::string_view status, std::string_view explanation) {
  const std::string text = http::escape_html(status);
  write_answer(status, "text/html; charset=utf-8",
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" + text +
                   "</title></head>\n<body><h1>" + text + "</h1><p>" +
                   http::escape_html(explanation) + "</p></body>\n</html>\n");
}

void CGIXMLRPCRequestHandler::write_answer(std::string_view status, std::string_view content_type,
                                           std::string_view body, std::string_view more_fields) {
  if (!status.empty()) out_ << "Status: " << status << '\n';
  out_ << "Content-Type: " << content_type << "\nContent-Length: " << body.size() << '\n'
       << more_fields << '\n'
       << body << std::flush;
}

DocCGIXMLRPCRequestHandler::DocCGIXMLRPCRequestHandler(XMLRPCOptions options, const Limits& limits)
    : DocCGIXMLRPCRequestHandler(std::move(options), limits, std::cin, std::cout) {}

DocCGIXMLRPCRequestHandler::DocCGIXMLRPCRequestHandler(XMLRPCOptions options, const Limits& limits,
                                                       std::istream& in, std::ostream& out)
    : CGIXMLRPCRequestHandler(std::move(options), limits, in, out),
      XMLRPCDocGenerator(static_cast<const SimpleXMLRPCDispatcher&>(*this)) {}

void DocCGIXMLRPCRequestHandler::handle_get() {
  write_answer("", "text/html; charset=utf-8", generate_html_documentation(),
               "Content-Security-Policy: " + content_security_policy() + '\n');
}

}  // namespace socketserver
