#include <socketserver/http/plain_exchange.hpp>

#include <charconv>
#include <stdexcept>
#include <utility>

namespace socketserver::http {
namespace {

std::uint64_t response_length(std::string_view text) {
  std::uint64_t length = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (ec == std::errc{} && end == text.data() + text.size()) return length;
  throw std::logic_error("the response's Content-Length is no number: " + std::string(text));
}

}  // namespace

PlainExchange::PlainExchange(RequestHead request) : request_(std::move(request)) {}

void PlainExchange::begin_response(ResponseHead&& head) {
  if (begun_) throw std::logic_error("a response to this request was begun already");
  if (const auto length = head.headers.get("Content-Length")) left_ = response_length(*length);
  // RFC 9110 §6.4.1.
  has_body_ = request_.method != "HEAD" && head.status != 204 && head.status != 304;
  begun_ = true;
  head_ = std::move(head);
  send_head(head_);
}

void PlainExchange::end_response() {
  ended_ = true;
}

IoResult PlainExchange::read_some(std::span<char> into, Deadline /*deadline*/) {
  return read_body(into);
}

IoResult PlainExchange::write_some(std::span<const std::string_view> parts, Deadline /*deadline*/) {
  if (ended_) throw std::logic_error("write after the end of the response");
  begun_ = true;
  std::size_t written = 0;
  for (const std::string_view part : parts) {
    if (left_ && part.size() > *left_) {
      throw std::logic_error("the response's body is longer than its Content-Length");
    }
    if (left_) *left_ -= part.size();
    if (has_body_) send(part);
    written += part.size();
  }
  return {written, {}};
}

}  // namespace socketserver::http
