#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <socketserver/http/proto/headers.hpp>

namespace socketserver::http {

/// One request as a CGI script is told of it: everything that `cgi_variables` needs. Views and the
/// headers are borrowed for the call.
struct CGIRequest {
  std::string_view method;               ///< As in the request line.
  std::string_view target;               ///< As sent, with its query.
  std::string_view protocol;             ///< As in the request line: `HTTP/1.1`.
  const Headers& headers;                ///< Of the request; must outlive this.
  std::string_view content_length = {};  ///< Digits; empty: there is no body.

  std::string script_name = {};      ///< The decoded path of the target up to the script.
  std::string path_info = {};        ///< The decoded rest of it; begins with '/' unless empty.
  std::string script_filename = {};  ///< Where the script is on this machine.
  std::string document_root = {};    ///< The directory that is served, without a '/' at the end.

  std::string server_software = {};  ///< SERVER_SOFTWARE.
  std::string server_name = {};      ///< SERVER_NAME.
  std::uint16_t server_port = 0;     ///< SERVER_PORT.
  std::string remote_address = {};   ///< REMOTE_ADDR.
  std::uint16_t remote_port = 0;     ///< REMOTE_PORT.

  /// Whether `Authorization` gives `AUTH_TYPE` and `REMOTE_USER`, which nobody has checked.
  bool names_user = true;
  /// Whether the script gets `Authorization` itself, as `HTTP_AUTHORIZATION`.
  bool passes_authorization = false;
};

/// The meta-variables of a request (RFC 3875 §4.1), and nothing else: what the server's own
/// environment has is for the caller to add.
///
/// Header fields become `HTTP_…`; those of one name are joined, cookies with "; ". Left out are
/// `Proxy` (which would become `HTTP_PROXY`, CVE-2016-5385), names with a '_' or another character
/// that could make two of them one, what is the server's business, and values that begin like a
/// function of a shell (CVE-2014-6271).
///
/// Always there, empty where the request does not say: CONTENT_LENGTH, REMOTE_HOST, HTTP_ACCEPT,
/// HTTP_COOKIE, HTTP_REFERER, HTTP_USER_AGENT. CONTENT_TYPE is "text/plain" then, as in Python.
[[nodiscard]] std::map<std::string, std::string> cgi_variables(const CGIRequest& request);

/// The only argument of a script: a query without '=' with its '+' as blanks, "" when there is no
/// query (RFC 3875 §4.4). Nothing when the query has a '=', and when any word of it begins with
/// '-', because a program could take that for an option (CVE-2012-1823).
[[nodiscard]] std::optional<std::string> cgi_argument(std::string_view query);

/// The target with its path decoded and collapsed, cut before its last name: "/a/./b/../c?d" gives
/// "/a/c?d", and what stands at the root gets a second slash: "/x" gives "//x". Nothing when ".."
/// would climb above the root.
/// Source: Python `http.server._url_collapse_path`.
[[nodiscard]] std::optional<std::string> collapse_url_path(std::string_view target);

}  // namespace socketserver::http
