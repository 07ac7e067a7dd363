#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <socketserver/http/proto/basic_credentials.hpp>
#include <socketserver/net/address.hpp>

namespace socketserver::xmlrpc {

/// Where a server is reached: a URL, taken apart. Plain data.
struct ClientURL {
  std::string host;                         ///< A name, or an address without brackets.
  int port = 80;                            ///< 1 to 65535; of a host.
  std::optional<Address> unix_socket = {};  ///< Instead of host and port.
  std::string authority = {};               ///< What the `Host` field says.
  std::string handler = "/RPC2";            ///< The target of the requests.
  std::optional<http::BasicCredentials> credentials = {};  ///< Those before the `@`, decoded.

  /// For people: where and what, as "localhost:8000/RPC2"; credentials are "***@".
  std::string name = {};

  /// The same without the handler: what a connection belongs to, as "localhost:8000" or
  /// "unix:/run/x.sock".
  [[nodiscard]] std::string place() const;
};

/// Takes a URL apart:
///
/// - `http://user:secret@host:8000/path?query#fragment`: TCP, port 80 unless given; the target is
///   path, query and fragment as they are, `/RPC2` when there is none.
/// - `http+unix://%2Frun%2Fx.sock/path`: that file, or `@name` in the abstract namespace; the
///   target as above.
/// - `unix:///run/x.sock`, `unix:/run/x.sock`, `unix:@name`: the same sockets, target `/RPC2`.
///
/// Credentials and the path of a socket are percent-decoded. No name is looked up.
///
/// @throws OSError `std::errc::protocol_not_supported` for other schemes; for `https` its text says
///         that TLS is not built in. std::invalid_argument for what is no URL: blanks and control
///         characters, no host, a port that is none. No text quotes credentials.
/// Source: Python `xmlrpc.client.ServerProxy`, which knows no Unix sockets.
[[nodiscard]] ClientURL parse_client_url(std::string_view url);

}  // namespace socketserver::xmlrpc
