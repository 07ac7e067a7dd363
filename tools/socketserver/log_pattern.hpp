#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <socketserver/http/proto/access_log.hpp>
#include <socketserver/http/proto/headers.hpp>

namespace socketserver::tool {

/// What a line of the access log may tell about one answer. Borrowed while it is formatted.
struct LogValues {
  const http::AccessEntry& entry;
  const http::Headers& headers;   ///< Of the request.
  std::uint16_t port = 0;         ///< The client's; 0: it has none.
  std::uint32_t millisecond = 0;  ///< Of the second `entry.time`.
};

/// A format of the access log in the user's own words: `$remote_addr "$request" $status`. The
/// variables have the names that nginx gave them, and `${status}` is the same as `$status`; `$$` is
/// a dollar, for which nginx has nothing.
///
/// Thread safety: any thread may format.
class LogPattern {
 public:
  /// @throws std::invalid_argument that names what is no variable, and lists those that are.
  explicit LogPattern(std::string_view text);

  /// A line without its end. What is not there is "-". Nothing of the client's can end a field in
  /// quotes, begin another line or steer a terminal; only the request and the header fields, which
  /// belong in quotes, have blanks.
  std::string line(const LogValues& values) const;

 private:
  using Writer = std::string (*)(const LogValues& values, const std::string& field);

  struct Piece {
    std::string text;         // as it is; for a header field: its name
    Writer writer = nullptr;  // none: it is text
  };

  void add_text(std::string_view text);
  void add_variable(std::string_view name);

  std::vector<Piece> pieces_;
};

}  // namespace socketserver::tool
