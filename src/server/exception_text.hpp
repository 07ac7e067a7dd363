#pragma once

#include <string>

namespace socketserver::detail {

/// "type: message" of the exception that is being handled, its control characters escaped.
std::string current_exception_text();

}  // namespace socketserver::detail
