#include "http/cgi_answer.hpp"

#include <algorithm>
#include <chrono>

#include <socketserver/server/base_server.hpp>

namespace socketserver::http {
namespace {

using namespace std::chrono_literals;

// As much as a pipe holds.
constexpr std::size_t kMostHeld = std::size_t{64} * 1024;

// A client that is still sending is sent so much at a time, which fits wherever there is room.
constexpr std::size_t kTimidBlock = std::size_t{8} * 1024;

// How long the first output waits for more, so that most answers leave whole, with their length.
constexpr Duration kGatherTime = 20ms;

HeadLimits answer_head_limits(const Limits& limits) {
  return {.header_bytes = limits.header_bytes, .header_count = limits.header_count};
}

}  // namespace

CGIAnswer::CGIAnswer(BaseHTTPRequestHandler& handler, std::string_view author)
    : handler_(handler),
      author_(author),
      limits_(handler.server().options().limits),
      parser_(answer_head_limits(limits_)) {}

bool CGIAnswer::has_room() const noexcept {
  return held_.size() < kMostHeld;
}

std::optional<CGIEnd> CGIAnswer::take(std::string_view output) {
  if (redirected_) return std::nullopt;
  if (head_sent_) {
    held_ += output;
    return std::nullopt;
  }
  head_text_ += output;
  return take_head();
}

std::optional<CGIEnd> CGIAnswer::take_head() {
  switch (parser_.parse(head_text_)) {
    case CGIHeadParser::Status::need_more:
      return std::nullopt;
    case CGIHeadParser::Status::failed:
      handler_.log_error(std::string(author_) + "'s output begins with " +
                         std::string(parser_.error()));
      return CGIEnd::bad_head;
    case CGIHeadParser::Status::complete:
      break;
  }
  if (!parser_.head().local_redirect.empty()) {
    redirected_ = true;
    return std::nullopt;
  }
  send_head();
  held_ = head_text_.substr(parser_.consumed());
  head_text_ = {};
  return std::nullopt;
}

void CGIAnswer::send_head() {
  const CGIHead& head = parser_.head();
  if (!head.reason.empty()) {
    handler_.send_response(head.status, head.reason);
  } else if (head.status == 200 && !head.status_given) {
    handler_.send_response(head.status, "Script output follows");
  } else {
    handler_.send_response(head.status);
  }
  for (const auto [name, value] : head.headers) handler_.send_header(name, value);
  handler_.end_headers();
  announced_ = head.content_length;
  head_sent_ = true;
  flush_at_ = Deadline::after(kGatherTime);
}

std::optional<CGIEnd> CGIAnswer::deliver(bool client_speaks, bool writable) {
  std::optional<CGIEnd> end;
  while (!held_.empty()) {
    if (client_speaks && !writable) return end;
    std::size_t n = client_speaks ? std::min(held_.size(), kTimidBlock) : held_.size();
    if (announced_ && n > *announced_) {
      handler_.log_error(std::string(author_) +
                         " wrote more than its Content-Length: the rest was dropped");
      n = static_cast<std::size_t>(*announced_);
      held_.resize(n);
      end = CGIEnd::answered;
    }
    if (limits_.cgi_output_bytes != 0 && n > limits_.cgi_output_bytes - delivered_) {
      return CGIEnd::too_long;
    }
    if (n > 0) handler_.wfile().write(std::string_view(held_).substr(0, n));
    held_.erase(0, n);
    delivered_ += n;
    if (announced_) *announced_ -= n;
    if (flush_at_.is_never()) flush_at_ = Deadline::after(kGatherTime);
    if (!client_speaks || end) continue;
    flush();
    return end;
  }
  return end;
}

void CGIAnswer::flush() {
  flush_at_ = Deadline::never();
  handler_.wfile().flush();
}

CGIEnd CGIAnswer::end() const noexcept {
  if (redirected_) return CGIEnd::redirected;
  return head_sent_ ? CGIEnd::answered : CGIEnd::no_head;
}

std::uint64_t CGIAnswer::missing() const {
  return handler_.command() == "HEAD" ? 0 : announced_.value_or(0);
}

}  // namespace socketserver::http
