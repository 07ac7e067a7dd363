#pragma once

#include <string>
#include <string_view>

namespace socketserver::xmlrpc {

/// Python's repr of a str: in quotes, with what is not printable escaped. Bytes that are no UTF-8
/// are escaped one by one.
std::string repr(std::string_view text);

/// Appends Python's repr of a float: the shortest digits that give the same number again.
void append_double(std::string& out, double number);

}  // namespace socketserver::xmlrpc
