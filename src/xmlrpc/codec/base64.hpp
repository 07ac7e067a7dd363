#pragma once

#include <string>
#include <string_view>

namespace socketserver::xmlrpc {

/// Appends base64 (RFC 4648 §4) without line ends.
void append_base64(std::string& out, std::string_view bytes);

/// Appends base64 in lines of at most 76 columns, each with a line end (RFC 2045 §6.8).
void append_base64_lines(std::string& out, std::string_view bytes);

/// Decodes base64 into `bytes`; white space is ignored. False for any other foreign character, and
/// for padding that is missing, wrong or not at the end.
[[nodiscard]] bool decode_base64(std::string_view text, std::string& bytes);

}  // namespace socketserver::xmlrpc
