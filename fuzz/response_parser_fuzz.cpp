#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <socketserver/http/proto/response_parser.hpp>
#include <string>
#include <string_view>

#include "require.hpp"

namespace http = socketserver::http;

namespace {

using Status = http::ResponseParser::Status;

bool same_head(const http::ParsedResponseHead& a, const http::ParsedResponseHead& b) {
  return a.status_line == b.status_line && a.http11 == b.http11 && a.status == b.status &&
         a.reason == b.reason && a.headers.text() == b.headers.text() && a.framing == b.framing &&
         a.content_length == b.content_length && a.keep_alive == b.keep_alive;
}

void check_complete(const http::ParsedResponseHead& head, http::AnswerTo answer_to) {
  require(head.status >= 100 && head.status <= 999, "the status has three digits");
  require(head.content_length <= INT64_MAX, "lengths are 63 bits");

  const bool encoded = head.headers.contains("transfer-encoding");
  const bool has_length = head.headers.contains("content-length");
  require(!encoded || !has_length, "never both a length and an encoding");
  const bool has_body = head.status >= 200 && head.status != 204 && head.status != 304 &&
                        answer_to == http::AnswerTo::other;
  require(has_body == (head.framing != http::ResponseFraming::none), "who has a body is known");
  if (has_body) {
    require(encoded == (head.framing == http::ResponseFraming::chunked), "no encoding is ignored");
    require(has_length == (head.framing == http::ResponseFraming::length), "nor is a length");
  }
  require(!head.keep_alive || head.framing != http::ResponseFraming::until_close,
          "no response follows a body without end");
  for (const auto [name, value] : head.headers) {
    require(http::is_token(name), "names are tokens");
    const bool clean = std::all_of(value.begin(), value.end(), [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return c == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
    require(clean, "values have no control characters");
  }
}

/// A head that was accepted and is written out again must be understood as the same.
void check_round_trip(const http::ParsedResponseHead& head, http::HeadLimits limits,
                      http::AnswerTo answer_to) {
  limits.header_bytes += 3 * limits.header_count;
  limits.request_line_bytes += 2;
  const std::string raw = head.status_line + "\r\n" + std::string(head.headers.text()) + "\r\n";
  http::ResponseParser parser(limits, answer_to);
  require(parser.parse(raw) == Status::complete, "written out, a head is accepted again");
  require(same_head(parser.head(), head), "written out, a head means the same");
}

void check(std::string_view raw, http::HeadLimits limits, http::AnswerTo answer_to) {
  http::ResponseParser whole(limits, answer_to);
  const Status status = whole.parse(raw);

  http::ResponseParser bytewise(limits, answer_to);
  Status bytewise_status = Status::need_more;
  std::size_t fed = 0;
  while (bytewise_status == Status::need_more && fed < raw.size()) {
    bytewise_status = bytewise.parse(raw.substr(0, ++fed));
  }

  require(bytewise_status == status, "the status does not depend on cuts");
  require(same_head(whole.head(), bytewise.head()), "the head does not depend on cuts");
  require(whole.error() == bytewise.error(), "the error does not depend on cuts");
  require(whole.head().headers.size() <= limits.header_count, "the number of headers is bounded");

  if (status == Status::complete) {
    require(whole.consumed() == fed, "a head is complete with its last byte, not later");
    check_complete(whole.head(), answer_to);
    check_round_trip(whole.head(), limits, answer_to);
  }
  require((status == Status::failed) == !whole.error().empty(), "a failure has a reason");

  whole.reset();
  require(same_head(whole.head(), {}), "reset forgets everything");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(data), size);
  check(raw, {}, http::AnswerTo::other);
  check(raw, {}, http::AnswerTo::head);
  check(raw, {.request_line_bytes = 40, .header_bytes = 60, .header_count = 3},
        http::AnswerTo::other);
  return 0;
}
