#include <gtest/gtest.h>

#include <algorithm>
#include <socketserver/http/proto/response_parser.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace socketserver::http {
namespace {

using namespace std::string_literals;

struct ParsedResponse {
  ResponseParser::Status status;
  std::size_t consumed;
  ParsedResponseHead head;
  std::string error;
};

/// Parses the first `cut` bytes, then ever `step` more, as reads from a socket would bring them.
ParsedResponse parse_cut(std::string_view raw, HeadLimits limits, AnswerTo answer_to,
                         std::size_t cut, std::size_t step) {
  ResponseParser parser(limits, answer_to);
  ResponseParser::Status status = ResponseParser::Status::need_more;
  for (std::size_t size = cut;; size = std::min(size + step, raw.size())) {
    // An exact copy on the heap, so that reading beyond it or keeping a view into it is noticed.
    const std::vector<char> buffered(raw.begin(), raw.begin() + static_cast<std::ptrdiff_t>(size));
    status = parser.parse({buffered.data(), buffered.size()});
    if (status != ResponseParser::Status::need_more || size == raw.size()) break;
  }
  return {status, parser.consumed(), parser.head(), std::string(parser.error())};
}

std::string describe(const ParsedResponse& parsed) {
  const ParsedResponseHead& head = parsed.head;
  std::ostringstream out;
  out << static_cast<int>(parsed.status) << ' ' << parsed.error << '\n';
  if (parsed.status == ResponseParser::Status::complete) {
    out << "consumed " << parsed.consumed << '\n';
  }
  out << head.status_line << '|' << head.http11 << '|' << head.status << '|' << head.reason << '\n'
      << head.headers.text() << "framing " << static_cast<int>(head.framing) << ' '
      << head.content_length << " keep_alive " << head.keep_alive << '\n';
  return out.str();
}

ParsedResponse parse_response(std::string_view raw, HeadLimits limits = {},
                              AnswerTo answer_to = AnswerTo::other) {
  const ParsedResponse whole = parse_cut(raw, limits, answer_to, raw.size(), raw.size());
  for (std::size_t cut = 0; cut < raw.size(); ++cut) {
    EXPECT_EQ(describe(parse_cut(raw, limits, answer_to, cut, raw.size())), describe(whole))
        << "cut at " << cut;
  }
  EXPECT_EQ(describe(parse_cut(raw, limits, answer_to, 0, 1)), describe(whole)) << "byte by byte";
  return whole;
}

ParsedResponseHead complete_response(std::string_view raw, AnswerTo answer_to = AnswerTo::other) {
  const ParsedResponse parsed = parse_response(raw, {}, answer_to);
  EXPECT_EQ(parsed.status, ResponseParser::Status::complete) << raw << parsed.error;
  return parsed.head;
}

std::string refused_response(std::string_view raw, HeadLimits limits = {}) {
  const ParsedResponse parsed = parse_response(raw, limits);
  EXPECT_EQ(parsed.status, ResponseParser::Status::failed) << raw;
  return parsed.error;
}

TEST(ResponseStatusLine, is_taken_apart) {
  const ParsedResponseHead head = complete_response("HTTP/1.1 404 Not  Found \r\nA: b\r\n\r\n");
  EXPECT_EQ(head.status_line, "HTTP/1.1 404 Not  Found ");
  EXPECT_TRUE(head.http11);
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.reason, "Not  Found ");
  EXPECT_EQ(head.headers.text(), "A: b\r\n");
}

TEST(ResponseStatusLine, reason_may_be_missing) {
  EXPECT_EQ(complete_response("HTTP/1.1 200 \r\n\r\n").reason, "");
  EXPECT_EQ(complete_response("HTTP/1.1 200\r\n\r\n").status, 200);
  EXPECT_EQ(complete_response("HTTP/1.0 200 \xc3\xa4\t!\n\n").reason, "\xc3\xa4\t!");
}

TEST(ResponseStatusLine, versions) {
  EXPECT_FALSE(complete_response("HTTP/1.0 200 OK\r\n\r\n").http11);
  EXPECT_TRUE(complete_response("HTTP/1.2 200 OK\r\n\r\n").http11);
}

TEST(ResponseStatusLine, others_are_refused) {
  for (const std::string line : {"", " ", "<html>", "HTTP/1.", "HTTP/1.1", "HTTP/2 200 OK",
                                 "HTTP/2.0 200 OK", "HTTP/0.9 200 OK", "http/1.1 200 OK",
                                 "HTTP/1.x 200 OK", "HTTP/1.10 200 OK", "ICY 200 OK"}) {
    const std::string error = refused_response(line + "\r\n\r\n");
    EXPECT_TRUE(error == "no HTTP/1 status line" || error == "no three-digit status") << line;
  }
  for (const std::string status : {"", " ", "  200 OK", " 20 OK", " 2000 OK", " 2oo OK", " 099 OK",
                                   " +20 OK", " 200OK", "\t200 OK", " 200\tOK", " -20 OK"}) {
    EXPECT_EQ(refused_response("HTTP/1.1" + status + "\r\n\r\n"), "no three-digit status")
        << status;
  }
  EXPECT_EQ(refused_response("HTTP/1.1 200 O\rK\r\n\r\n"), "a bad reason");
  EXPECT_EQ(refused_response("HTTP/1.1 200 O\0K\r\n\r\n"s), "a bad reason");
  EXPECT_EQ(refused_response("HTTP/1.1 200 OK\r\r\n\r\n"), "a bad reason");
}

TEST(ResponseHeaders, bad_lines_are_refused) {
  const auto with = [](const std::string& line) {
    return refused_response("HTTP/1.1 200 OK\r\nA: b\r\n" + line + "\r\n\r\n");
  };
  EXPECT_EQ(with(" folded"), "a folded header");
  EXPECT_EQ(with("\tfolded"), "a folded header");
  EXPECT_EQ(with("no colon"), "a header line without colon");
  EXPECT_EQ(with("A : b"), "a bad header name");
  EXPECT_EQ(with(": b"), "a bad header name");
  EXPECT_EQ(with("A: b\rc"), "a bad header value");
  EXPECT_EQ(with("A: b\0c"s), "a bad header value");
}

TEST(ResponseHeaders, limits) {
  const HeadLimits limits{.request_line_bytes = 20, .header_bytes = 20, .header_count = 2};
  EXPECT_EQ(parse_response("HTTP/1.1 200 123456\n\n", limits).status,
            ResponseParser::Status::complete);
  EXPECT_EQ(refused_response("HTTP/1.1 200 1234567\n\n", limits), "a status line that is too long");
  EXPECT_EQ(parse_response("HTTP/1.1 200 OK\r\nA: 3456789\nB: 67890\n\r\n", limits).status,
            ResponseParser::Status::complete);
  EXPECT_EQ(refused_response("HTTP/1.1 200 OK\r\nA: 3456789\nB: 678901\n\r\n", limits),
            "headers that are too large");
  EXPECT_EQ(refused_response("HTTP/1.1 200 OK\r\nA: 34567890123456789\n\r\n", limits),
            "headers that are too large");
  EXPECT_EQ(refused_response("HTTP/1.1 200 OK\r\na:\nb:\nc:\n\n", limits), "too many headers");
}

TEST(ResponseHeaders, incomplete_needs_more) {
  for (const std::string raw : {"", "H", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n",
                                "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n\r"}) {
    EXPECT_EQ(parse_response(raw).status, ResponseParser::Status::need_more) << raw;
  }
}

struct Framed {
  const char* head;
  ResponseFraming framing;
  std::uint64_t length;
  bool keep_alive;
};

TEST(ResponseFraming, table) {
  const Framed table[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", ResponseFraming::length, 5, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", ResponseFraming::length, 0, true},
      {"HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n", ResponseFraming::length, 5, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n", ResponseFraming::length, 5,
       true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: x, Close\r\n", ResponseFraming::length,
       5, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n", ResponseFraming::length, 5, false},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n",
       ResponseFraming::length, 5, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n", ResponseFraming::length,
       9223372036854775807u, true},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", ResponseFraming::chunked, 0, true},
      {"HTTP/1.1 500 No\r\nTransfer-Encoding: CHUNKED\r\nConnection: close\r\n",
       ResponseFraming::chunked, 0, false},
      {"HTTP/1.1 200 OK\r\n", ResponseFraming::until_close, 0, false},
      {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", ResponseFraming::until_close, 0, false},
      {"HTTP/1.1 100 Continue\r\n", ResponseFraming::none, 0, true},
      {"HTTP/1.1 101 Switching\r\n", ResponseFraming::none, 0, false},
      {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n", ResponseFraming::none, 0, true},
      {"HTTP/1.1 204 No Content\r\n", ResponseFraming::none, 0, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n", ResponseFraming::none, 0, true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n", ResponseFraming::none, 0, false},
      {"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n", ResponseFraming::none, 0,
       false},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n", ResponseFraming::none, 0, true},
  };
  for (const Framed& row : table) {
    const ParsedResponseHead head = complete_response(row.head + "\r\n"s);
    EXPECT_EQ(head.framing, row.framing) << row.head;
    EXPECT_EQ(head.content_length, row.length) << row.head;
    EXPECT_EQ(head.keep_alive, row.keep_alive) << row.head;
  }
}

TEST(ResponseFraming, an_answer_to_HEAD_has_no_body) {
  for (const std::string field : {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", ""}) {
    const ParsedResponseHead head =
        complete_response("HTTP/1.1 200 OK\r\n" + field + "\r\n", AnswerTo::head);
    EXPECT_EQ(head.framing, ResponseFraming::none);
    EXPECT_TRUE(head.keep_alive);
  }
}

TEST(ResponseFraming, what_could_be_understood_in_two_ways_is_refused) {
  const auto with = [](const std::string& fields) {
    return refused_response("HTTP/1.1 200 OK\r\n" + fields + "\r\n\r\n");
  };
  for (const char* length : {"", "-1", "+5", "5 5", "0x5", "5,", ",5", "9223372036854775808"}) {
    EXPECT_EQ(with("Content-Length: "s + length), "a bad Content-Length") << length;
  }
  EXPECT_EQ(with("Content-Length: 5\r\nContent-Length: 6"), "several Content-Lengths");
  EXPECT_EQ(with("Content-Length: 5, 6"), "several Content-Lengths");
  EXPECT_EQ(with("Content-Length: 5\r\nTransfer-Encoding: chunked"),
            "a Content-Length beside a Transfer-Encoding");
  EXPECT_EQ(with("Transfer-Encoding: gzip, chunked"), "an unknown Transfer-Encoding");
  EXPECT_EQ(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
            "an unknown Transfer-Encoding");
  EXPECT_EQ(refused_response("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            "a Transfer-Encoding before HTTP/1.1");
}

TEST(ResponseParser, interim_responses_are_skipped_by_the_caller) {
  std::string buffer =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
  ResponseParser parser;
  ASSERT_EQ(parser.parse(buffer), ResponseParser::Status::complete);
  EXPECT_TRUE(parser.head().is_interim());
  buffer.erase(0, parser.consumed());
  parser.reset();
  ASSERT_EQ(parser.parse(buffer), ResponseParser::Status::complete);
  EXPECT_FALSE(parser.head().is_interim());
  EXPECT_EQ(parser.head().status, 200);
  EXPECT_EQ(buffer.substr(parser.consumed()), "hi");
}

}  // namespace
}  // namespace socketserver::http
