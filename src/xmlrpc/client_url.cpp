#include <algorithm>
#include <charconv>
#include <socketserver/base/error.hpp>
#include <socketserver/http/proto/headers.hpp>
#include <socketserver/http/proto/text.hpp>
#include <socketserver/xmlrpc/client_url.hpp>
#include <stdexcept>
#include <system_error>

namespace socketserver::xmlrpc {
namespace {

constexpr int kDefaultPort = 80;
constexpr std::string_view kMask = "***@";

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument("not the URL of an XML-RPC server: " + why);
}

[[noreturn]] void refuse_scheme(std::string_view scheme) {
  const auto code = std::make_error_code(std::errc::protocol_not_supported);
  if (http::iequals(scheme, "https")) {
    throw OSError(code, "https is not possible, TLS is not built in");
  }
  throw OSError(code, "unsupported XML-RPC protocol " + http::repr(scheme));
}

/// RFC 3986 §3.1; "" when `url` does not begin with a scheme.
std::string_view scheme_of(std::string_view url) {
  constexpr std::string_view kChars =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
  const std::size_t end = url.find_first_not_of(kChars);
  return end != std::string_view::npos && url[end] == ':' ? url.substr(0, end) : "";
}

Address unix_address(std::string_view path) {
  if (path.empty() || path == "@") refuse("no path of a Unix socket");
  if (path.find('\0') != std::string_view::npos) refuse("a NUL in the path of a Unix socket");
  return path.front() == '@' ? Address::unix_abstract(path.substr(1)) : Address::unix_path(path);
}

int parse_port(std::string_view text) {
  constexpr int kMost = 65'535;
  int port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc() || end != text.data() + text.size() || port < 1 || port > kMost) {
    refuse("the port " + http::repr(text) + " is not 1 to 65535");
  }
  return port;
}

void parse_host(std::string_view text, ClientURL& url) {
  url.authority = text;
  // Behind the brackets of an IPv6 address, or behind the only colon.
  std::size_t host_end = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) refuse("a bracket that is not closed");
    host_end = bracket + 1;
    url.host = text.substr(1, bracket - 1);
  } else {
    url.host = text.substr(0, host_end);
  }
  const std::string_view rest = text.substr(std::min(host_end, text.size()));
  if (url.host.empty()) refuse("no host");
  if (rest.empty() || rest == ":") {
    url.port = kDefaultPort;
  } else if (rest.front() == ':') {
    url.port = parse_port(rest.substr(1));
  } else {
    refuse("something behind the bracket of the host");
  }
}

http::BasicCredentials parse_credentials(std::string_view text) {
  // Split first, decoded then: a user may have a colon as %3A.
  const std::size_t colon = text.find(':');
  const std::string_view password = colon == std::string_view::npos ? "" : text.substr(colon + 1);
  return {http::percent_decode(text.substr(0, colon)), http::percent_decode(password)};
}

}  // namespace

std::string ClientURL::place() const {
  return unix_socket ? unix_socket->to_string() : authority;
}

ClientURL parse_client_url(std::string_view text) {
  const auto is_foreign = [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
  };
  if (std::ranges::any_of(text, is_foreign)) refuse("blanks or control characters in it");

  const std::string_view scheme = scheme_of(text);
  std::string_view rest = text.substr(std::min(scheme.size() + 1, text.size()));
  ClientURL url;
  if (http::iequals(scheme, "unix")) {
    constexpr std::string_view kNoAuthority = "//";
    if (rest.starts_with(kNoAuthority)) rest.remove_prefix(kNoAuthority.size());
    url.unix_socket = unix_address(http::percent_decode(rest));
    url.authority = "localhost";
    url.name = url.place() + url.handler;
    return url;
  }
  const bool over_unix = http::iequals(scheme, "http+unix");
  if (!over_unix && !http::iequals(scheme, "http")) refuse_scheme(scheme);
  constexpr std::string_view kAuthority = "//";
  if (!rest.starts_with(kAuthority)) refuse("no \"//\" behind the scheme");
  rest.remove_prefix(kAuthority.size());

  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  if (end < rest.size()) url.handler = rest.substr(end);
  std::string_view authority = rest.substr(0, end);
  if (const std::size_t at = authority.rfind('@');
      at != std::string_view::npos && !(over_unix && at == 0)) {
    url.credentials = parse_credentials(authority.substr(0, at));
    url.name = kMask;
    authority.remove_prefix(at + 1);
  }
  if (over_unix) {
    url.unix_socket = unix_address(http::percent_decode(authority));
    url.authority = "localhost";
  } else {
    parse_host(authority, url);
  }
  url.name += url.place() + url.handler;
  return url;
}

}  // namespace socketserver::xmlrpc
