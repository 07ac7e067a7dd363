#pragma once

#include <string>
#include <string_view>

namespace socketserver::detail {

/// `text` with its control characters escaped: what quotes a peer must not write the log.
std::string escape_controls(std::string_view text);

/// "type: message" of the exception that is being handled, its control characters escaped.
std::string current_exception_text();

}  // namespace socketserver::detail
