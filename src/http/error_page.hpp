#pragma once

#include <string>
#include <string_view>

namespace socketserver::http {

/// The page of `send_error` unless a handler brings its own.
extern const std::string_view kErrorPage;

/// Puts the texts where `format` says `%(code)d`, `%(message)s` and `%(explain)s`, escaped for
/// HTML, and `%%` where it says `%`. Anything else stays as it is.
std::string format_error_page(std::string_view format, int code, std::string_view message,
                              std::string_view explain);

}  // namespace socketserver::http
