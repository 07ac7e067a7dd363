#pragma once

#include <socketserver/http/proto/headers.hpp>

namespace socketserver::http {

/// Tells whether a browser says that a page of another origin has it send this request: whoever
/// opens that page would otherwise change what only they may change here (cross-site request
/// forgery).
///
/// `Sec-Fetch-Site` decides where it is present: only "same-origin" and "none", which is the user
/// himself, pass. Else `Origin` must name the host that `Host` names; "null", which hides an
/// origin, is another one. Who sends neither is no browser of today.
///
/// A proxy in front must pass `Host` on as the browser sent it.
[[nodiscard]] bool is_cross_origin(const Headers& request);

}  // namespace socketserver::http
