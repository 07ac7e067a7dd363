#include "server/refusal_report.hpp"

#include <chrono>
#include <utility>

namespace socketserver::detail {

void RefusalReport::count(std::string client) {
  ++refused_;
  client_ = std::move(client);
}

std::optional<std::string> RefusalReport::take(bool last) {
  if (empty() || (!last && !quiet_until_.expired())) return std::nullopt;
  std::string text = std::string(limit_) + ": " + std::to_string(refused_) +
                     " refused, the last one from " + client_;
  quiet_until_ = Deadline::after(std::chrono::seconds(1));
  refused_ = 0;  // last: whoever has no memory for the text tells of them later
  return text;
}

}  // namespace socketserver::detail
