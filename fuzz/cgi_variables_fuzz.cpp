// The input is the target of a request, then its header lines. No variable may be one that a client
// has no business to set, and none may hold a NUL.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/cgi_variables.hpp>
#include <socketserver/http/proto/target.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

namespace {

std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

bool is_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

void check_variables(std::string_view target, const http::Headers& headers) {
  const auto variables = http::cgi_variables({.method = "GET",
                                              .target = target,
                                              .protocol = "HTTP/1.1",
                                              .headers = headers,
                                              .passes_authorization = true});
  const auto own = http::cgi_variables({.method = "GET",
                                        .target = target,
                                        .protocol = "HTTP/1.1",
                                        .headers = {},
                                        .passes_authorization = true});
  require(!variables.contains("HTTP_PROXY"), "there is no HTTP_PROXY");
  for (const auto& [name, value] : variables) {
    require(is_name(name), "names are names");
    require(own.contains(name) || name.starts_with("HTTP_") || name == "AUTH_TYPE" ||
                name == "REMOTE_USER",
            "a field becomes an HTTP_ variable");
    require(!value.starts_with("() {"), "no value is a function");
    require(value.find('\0') == value.npos, "no value has a NUL");
  }
}

void check_target(std::string_view target) {
  const auto collapsed = http::collapse_url_path(target);
  require(!collapsed || collapsed->starts_with('/'), "a collapsed path is a path");
  const auto argument = http::cgi_argument(http::split_target(target).query);
  require(!argument || (!argument->starts_with('-') && argument->find(" -") == argument->npos),
          "no argument is an option");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view target = take_line(rest);
  check_target(target);
  if (target.find('\0') != target.npos || target.find("() {") != target.npos) return 0;
  http::Headers headers;
  while (!rest.empty()) {
    if (headers.add_line(take_line(rest)) != http::FieldError::none) return 0;
  }
  check_variables(target, headers);
  return 0;
}
