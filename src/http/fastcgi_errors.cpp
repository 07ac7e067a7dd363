#include "http/fastcgi_errors.hpp"

#include <algorithm>

namespace socketserver::http {

void FastCGIErrors::take(std::string_view text) {
  if (taken_ == kMostBytes) return;
  text = text.substr(0, kMostBytes - taken_);
  taken_ += text.size();
  while (!text.empty()) {
    const std::size_t line = std::min(text.find('\n'), text.size());
    const std::size_t n = std::min(line, kLongestLine - line_.size());
    line_ += text.substr(0, n);
    text.remove_prefix(n);
    const bool whole = text.starts_with('\n');
    if (whole) text.remove_prefix(1);
    if (whole || line_.size() == kLongestLine) log_line();
  }
  if (taken_ < kMostBytes) return;
  finish();
  handler_.log_error(std::string(author_) + " has more to say, which is not logged");
}

void FastCGIErrors::finish() {
  if (!line_.empty()) log_line();
}

void FastCGIErrors::log_line() {
  if (line_.ends_with('\r')) line_.pop_back();
  if (!line_.empty()) handler_.log_error(std::string(author_) + ": " + line_);
  line_.clear();
}

}  // namespace socketserver::http
