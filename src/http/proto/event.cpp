#include <socketserver/http/proto/event.hpp>
#include <stdexcept>

namespace socketserver::http {
namespace {

constexpr std::string_view kNoLine("\r\n\0", 3);

void require_line(std::string_view text) {
  if (text.find_first_of(kNoLine) == std::string_view::npos) return;
  throw std::invalid_argument("the name and the id of an event are one line each");
}

/// Adds every line of `text`, of which there is always one, behind `prefix`.
void append_lines(std::string& out, std::string_view prefix, std::string_view text) {
  for (;;) {
    const std::size_t end = text.find_first_of("\r\n");
    out.append(prefix).append(text.substr(0, end)).append("\n");
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

}  // namespace

std::string format_event(const Event& event) {
  require_line(event.event);
  require_line(event.id.value_or(""));
  std::string out;
  if (!event.event.empty()) append_lines(out, "event: ", event.event);
  if (event.id) append_lines(out, "id: ", *event.id);
  if (event.retry) {
    if (event.retry->count() < 0) throw std::invalid_argument("an event's retry is negative");
    append_lines(out, "retry: ", std::to_string(event.retry->count()));
  }
  append_lines(out, "data: ", event.data);
  out += '\n';
  return out;
}

std::string format_event_comment(std::string_view text) {
  std::string out;
  append_lines(out, ": ", text);
  out += '\n';
  return out;
}

}  // namespace socketserver::http
