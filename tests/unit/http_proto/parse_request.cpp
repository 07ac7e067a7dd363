#include "tests/unit/http_proto/parse_request.hpp"

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace socketserver::http {
namespace {

/// Parses the first `cut` bytes, then ever `step` more, as reads from a socket would bring them.
ParsedRequest parse_cut(std::string_view raw, HeadLimits limits, std::size_t cut,
                        std::size_t step) {
  RequestParser parser(limits);
  RequestParser::Status status = RequestParser::Status::need_more;
  for (std::size_t size = cut;; size = std::min(size + step, raw.size())) {
    // An exact copy on the heap, so that reading beyond it or keeping a view into it is noticed.
    const std::vector<char> buffered(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(size));
    status = parser.parse({buffered.data(), buffered.size()});
    if (status != RequestParser::Status::need_more || size == raw.size()) break;
  }
  return {status, parser.started(), parser.consumed(), parser.head(), parser.error()};
}

std::string describe(const ParsedRequest& parsed) {
  const RequestHead& head = parsed.head;
  std::ostringstream out;
  out << "status " << static_cast<int>(parsed.status) << " started " << parsed.started << '\n';
  if (parsed.status == RequestParser::Status::complete) {
    out << "consumed " << parsed.consumed << '\n';
  }
  out << head.requestline << '|' << head.method << '|' << head.target << '|' << head.path << '|'
      << head.version << '|' << head.version_major << '.' << head.version_minor << '\n'
      << head.headers.text() << head.headers.size() << " headers, framing "
      << static_cast<int>(head.framing) << ' ' << head.content_length << " keep_alive "
      << head.keep_alive << " expect " << head.expect_continue << '\n'
      << "fault " << static_cast<int>(parsed.error.fault) << ' ' << parsed.error.status << ' '
      << parsed.error.message << ' ' << parsed.error.requestline_known << '\n';
  return out.str();
}

}  // namespace

ParsedRequest parse_at_every_cut(std::string_view raw, HeadLimits limits) {
  const ParsedRequest whole = parse_cut(raw, limits, raw.size(), raw.size());
  const std::string expected = describe(whole);
  constexpr std::size_t kShort = 2000;
  if (raw.size() <= kShort) {
    for (std::size_t cut = 0; cut < raw.size(); ++cut) {
      EXPECT_EQ(describe(parse_cut(raw, limits, cut, raw.size())), expected) << "cut at " << cut;
    }
    EXPECT_EQ(describe(parse_cut(raw, limits, 0, 1)), expected) << "byte by byte";
  } else {
    EXPECT_EQ(describe(parse_cut(raw, limits, 0, 997)), expected) << "in steps";
  }
  return whole;
}

RequestHead parse_complete(std::string_view raw, HeadLimits limits) {
  ParsedRequest parsed = parse_at_every_cut(raw, limits);
  EXPECT_EQ(parsed.status, RequestParser::Status::complete)
      << raw.substr(0, 200) << parsed.error.message;
  return std::move(parsed.head);
}

ParseError parse_failed(std::string_view raw, HeadLimits limits) {
  ParsedRequest parsed = parse_at_every_cut(raw, limits);
  EXPECT_EQ(parsed.status, RequestParser::Status::failed) << raw.substr(0, 200);
  return std::move(parsed.error);
}

}  // namespace socketserver::http
