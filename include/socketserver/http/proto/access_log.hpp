#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <socketserver/base/deadline.hpp>

namespace socketserver::http {

/// What a line of an access log tells about one request. Views: borrowed while it is formatted.
struct AccessEntry {
  std::string_view client = {};       ///< The address of the client.
  std::string_view user = {};         ///< Who has proved to be somebody; "" for nobody.
  std::int64_t time = 0;              ///< When it was answered, in seconds since 1970.
  std::string_view requestline = {};  ///< As sent: "GET / HTTP/1.1".
  std::string_view referer = {};      ///< The `Referer` field; "" when there is none.
  std::string_view user_agent = {};   ///< The `User-Agent` field; "" when there is none.
  std::string_view host = {};         ///< The `Host` field; "" when there is none.
  int status = 0;                     ///< What the client was told.
  std::uint64_t body_bytes = 0;       ///< Bytes of the answer without its head.
  Duration duration{};                ///< How long the answer took.
};

// Each returns one line without its end. Nothing of the client's can end a field early, begin
// another line or steer a terminal.

/// The common log format of NCSA httpd, in local time:
/// `192.0.2.7 - anna [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 2326`. A body of no bytes
/// is "-".
[[nodiscard]] std::string format_common_log(const AccessEntry& entry);

/// The same with `"referer" "user agent"` behind it, as Apache httpd and nginx write it.
[[nodiscard]] std::string format_combined_log(const AccessEntry& entry);

/// An object with the members of AccessEntry as `time` (UTC, RFC 3339), `client`, `user`, `host`,
/// `method`, `target`, `version`, `status`, `bytes`, `duration` (seconds), `referer`, `user_agent`.
/// What is not there is null.
[[nodiscard]] std::string format_json_log(const AccessEntry& entry);

}  // namespace socketserver::http
