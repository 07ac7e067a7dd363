#pragma once

#include <span>
#include <string_view>

namespace socketserver::http {

/// A status code with its texts; one entry of Python's `BaseHTTPRequestHandler.responses`.
struct StatusText {
  int code;                      ///< 100 to 599.
  std::string_view phrase;       ///< the reason phrase (RFC 9110 §15): "Not Found"
  std::string_view explanation;  ///< one sentence for the error page, for the person who sees it
};

/// Returns the entry of `code`, or null when the code is not registered. Entries live for ever.
[[nodiscard]] const StatusText* find_status(int code) noexcept;

/// Returns all entries, by ascending code: the 62 of Python 3.13's `http.HTTPStatus`.
/// Differs from Python: the explanations are our own, and no entry lacks one.
[[nodiscard]] std::span<const StatusText> responses() noexcept;

/// The whole answer to a client for whom there is no room: sent unasked, before anything is read
/// (RFC 9110 §15.6.4, §10.2.3), so it is neither logged as a request nor changed by a handler.
inline constexpr std::string_view kBusyAnswer =
    "HTTP/1.1 503 Service Unavailable\r\n"
    "Retry-After: 1\r\n"
    "Content-Length: 0\r\n"
    "Connection: close\r\n\r\n";

}  // namespace socketserver::http
