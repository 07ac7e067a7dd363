#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace socketserver::http {

/// A server-sent event (HTML Standard §9.2): what an `EventSource` in a page is handed.
struct Event {
  /// Any text in UTF-8, of any number of lines, which may end in CRLF, LF or CR.
  std::string_view data;

  /// What listeners ask for; empty: "message".
  std::string_view event = {};

  /// What a client says in `Last-Event-ID` when it connects again.
  std::optional<std::string_view> id = {};

  /// How long it waits before it does.
  std::optional<std::chrono::milliseconds> retry = {};
};

/// Returns an event as it goes on the wire.
///
/// @throws std::invalid_argument when `event` or `id` has a line end or a NUL, or `retry` is
///         negative.
[[nodiscard]] std::string format_event(const Event& event);

/// Returns a comment, which clients ignore: what keeps a connection alive.
[[nodiscard]] std::string format_event_comment(std::string_view text);

}  // namespace socketserver::http
