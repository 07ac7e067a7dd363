#pragma once

#include <span>
#include <string>
#include <string_view>

#include <socketserver/http/proto/headers.hpp>
#include <socketserver/net/address.hpp>

namespace socketserver::http {

/// Tells whether a request that came over a loopback address names another host than this machine:
/// answer 421 before it changes anything.
///
/// A page of any site can have its own name lead to 127.0.0.1 ("DNS rebinding"). To the browser
/// that opens it the server is then of the page's own origin, and `is_cross_origin` sees nothing;
/// but `Host` still has the page's name. IP addresses, "localhost" and names below it cannot be
/// made to lead anywhere, so these pass, and so does who sends no `Host`: no browser.
///
/// @param own  the server's side of the connection. Over any other address, and over Unix sockets,
///             everything passes: who listens there is to be reached by names of all kinds.
/// @param hosts  further names, without port, in any case: those by which a proxy on the same
///               machine asks. "*" is any.
[[nodiscard]] bool is_misdirected(const Headers& request, const Address& own,
                                  std::span<const std::string> hosts);

/// What the page of that 421 says.
inline constexpr std::string_view kMisdirected =
    "On this machine changes are taken by IP address or as localhost only. A server behind a proxy "
    "must be told by which name that asks: in the options `hosts`, with --allow-host in the tool.";

}  // namespace socketserver::http
