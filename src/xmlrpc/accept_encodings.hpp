#pragma once

#include <map>
#include <string>
#include <string_view>

namespace socketserver::xmlrpc {

/// The codings of an `Accept-Encoding` field in lower case, with their weights (RFC 9110 §12.5.3),
/// blanks allowed around `;` and `=`. A member that cannot be read, or whose weight is not 0 to 1,
/// does not count.
std::map<std::string, double> accept_encodings(std::string_view field);

}  // namespace socketserver::xmlrpc
