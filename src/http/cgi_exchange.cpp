#include <socketserver/http/cgi_exchange.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/http/server.hpp>

#include "base/sigpipe.hpp"
#include "http/proto/char_class.hpp"

namespace socketserver::http {
namespace {

using VariableViews = std::map<std::string_view, std::string_view>;

VariableViews variables_of(const char* const* environment) {
  VariableViews variables;
  for (; *environment != nullptr; ++environment) {
    const std::string_view line = *environment;
    const std::size_t equals = line.find('=');
    if (equals != line.npos) variables.emplace(line.substr(0, equals), line.substr(equals + 1));
  }
  return variables;
}

std::string_view value(const VariableViews& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string_view() : found->second;
}

/// "HTTP_USER_AGENT" gives "User-Agent".
std::string field_name(std::string_view variable) {
  std::string name;
  for (const char c : variable.substr(std::string_view("HTTP_").size())) {
    const bool first = name.empty() || name.back() == '-';
    name += c == '_' ? '-' : first ? c : to_lower(c);
  }
  return name;
}

/// Adds a field unless no header line could have it.
void add_field(Headers& headers, std::string_view name, std::string_view text) {
  [[maybe_unused]] const auto error =
      headers.add_line(std::string(name) + ": " + std::string(text));
}

std::string target_of(const VariableViews& variables) {
  const std::string_view uri = value(variables, "REQUEST_URI");
  if (uri.starts_with('/')) return std::string(uri);
  std::string target = percent_encode_path(std::string(value(variables, "SCRIPT_NAME")) +
                                           std::string(value(variables, "PATH_INFO")));
  if (!target.starts_with('/')) target.insert(0, "/");
  const std::string_view query = value(variables, "QUERY_STRING");
  return query.empty() ? target : target + '?' + std::string(query);
}

RequestHead head_of(const VariableViews& variables) {
  RequestHead head;
  head.method = value(variables, "REQUEST_METHOD");
  if (!is_token(head.method)) {
    throw std::runtime_error("not started by a web server: there is no REQUEST_METHOD");
  }
  head.target = target_of(variables);
  const std::size_t slashes = std::min(head.target.find_first_not_of('/'), head.target.size());
  head.path = head.target.substr(slashes - 1);
  head.version = "HTTP/1.1";
  head.version_major = 1;
  head.version_minor = 1;
  head.requestline = head.method + ' ' + head.target + ' ' + head.version;
  for (const auto& [name, text] : variables) {
    // "Proxy" is no field that clients send, but would be taken for a setting (httpoxy).
    if (name.starts_with("HTTP_") && name != "HTTP_PROXY") {
      add_field(head.headers, field_name(name), text);
    }
  }
  if (const auto type = value(variables, "CONTENT_TYPE"); !type.empty()) {
    add_field(head.headers, "Content-Type", type);
  }
  const std::string_view length = value(variables, "CONTENT_LENGTH");
  if (length.empty()) return head;
  const auto [end, ec] =
      std::from_chars(length.data(), length.data() + length.size(), head.content_length);
  if (ec != std::errc{} || end != length.data() + length.size()) {
    throw std::runtime_error("CONTENT_LENGTH is no number");
  }
  head.framing = Framing::length;
  add_field(head.headers, "Content-Length", length);
  return head;
}

Address address_of(const VariableViews& variables) {
  const std::string_view host = value(variables, "REMOTE_ADDR");
  // Names would be looked up.
  const bool literal = !host.empty() && (host.find(':') != host.npos ||
                                         host.find_first_not_of("0123456789.") == host.npos);
  if (!literal) return {};
  try {
    return {host, 0};
  } catch (const OSError&) {
    return {};
  }
}

/// What concerns the connection, which is the web server's.
bool is_of_connection(std::string_view name) {
  return iequals(name, "Connection") || iequals(name, "Transfer-Encoding") ||
         iequals(name, "Date") || iequals(name, "Server") || iequals(name, "Status");
}

}  // namespace

CGIExchange::CGIExchange(const char* const* environment, int in, int out, std::uint64_t body_bytes)
    : PlainExchange(head_of(variables_of(environment))),
      in_(in),
      out_(out),
      left_(request().content_length),
      too_large_(body_bytes != 0 && left_ > body_bytes),
      client_(address_of(variables_of(environment))) {}

IoResult CGIExchange::read_body(std::span<char> into) {
  if (too_large_) return {0, std::make_error_code(std::errc::message_size)};
  const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(left_, into.size()));
  if (room == 0) return {};
  ssize_t got = 0;
  do {
    got = ::read(in_, into.data(), room);
  } while (got < 0 && errno == EINTR);
  if (got < 0) return {0, last_error()};
  if (got == 0) return {0, std::make_error_code(std::errc::connection_aborted)};
  left_ -= static_cast<std::uint64_t>(got);
  return {static_cast<std::size_t>(got), {}};
}

void CGIExchange::send_head(const ResponseHead& head) {
  std::string text = "Status: " + std::to_string(head.status) + ' ' + head.reason + "\r\n";
  for (const auto [name, content] : head.headers) {
    if (!is_of_connection(name)) text.append(name).append(": ").append(content).append("\r\n");
  }
  send(text + "\r\n");
}

void CGIExchange::send(std::string_view bytes) {
  const detail::SigpipeBlock no_signal;
  while (!bytes.empty()) {
    const ssize_t written = ::write(out_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_os_error(last_error(), "write response");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

int serve_cgi(BaseHTTPRequestHandler& handler, ServerOptions options) {
  options.bind_and_activate = false;
  const std::uint64_t body_bytes = options.limits.body_bytes;
  HTTPServer server(
      {"127.0.0.1", 0}, [](BaseHTTPRequestHandler&) {}, std::move(options));
  try {
    CGIExchange exchange(environ, STDIN_FILENO, STDOUT_FILENO, body_bytes);
    try {
      handler.serve(exchange, exchange.client_address(), server);
      return 0;
    } catch (...) {
      if (!exchange.response_begun()) {
        exchange.begin_response({.status = 500, .reason = "Internal Server Error", .headers = {}});
      }
      throw;
    }
  } catch (const std::exception& error) {
    server.log(LogLevel::error, error.what());
    return 1;
  }
}

}  // namespace socketserver::http
