#pragma once

#include <string>
#include <string_view>

namespace socketserver {
class BaseServer;
}

namespace socketserver::detail {

/// `text` with its control characters escaped: what quotes a peer must not write the log.
std::string escape_controls(std::string_view text);

/// The type of the exception that is being handled, as it is written in a program.
std::string current_exception_type();

/// "type: message" of the exception that is being handled, its control characters escaped.
std::string current_exception_text();

/// Logs `what` with the exception that is being handled as an error; what fails on the way, for
/// want of memory perhaps, shortens the message instead of ending the program.
void log_current_exception(const BaseServer& server, std::string_view what) noexcept;

}  // namespace socketserver::detail
