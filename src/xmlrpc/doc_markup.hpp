#pragma once

#include <span>
#include <string>
#include <string_view>

namespace socketserver::xmlrpc {

/// Turns a text into HTML: everything escaped; addresses, `RFC 1234` and `PEP 8` become links, so
/// does `name(` of one of `methods`, which are sorted, to `#-name`; the name in `self.name` is
/// strong. Source: Python `ServerHTMLDoc.markup`.
std::string mark_up(std::string_view text, std::span<const std::string> methods);

}  // namespace socketserver::xmlrpc
