#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/http/proto/cgi_head.hpp>

namespace socketserver::http {
namespace {

struct ParsedOutput {
  CGIHeadParser::Status status = CGIHeadParser::Status::need_more;
  std::size_t consumed = 0;
  std::string error;
  CGIHead head;
};

/// Parses `raw` as it comes in two pieces, cut at `cut`.
ParsedOutput parse_output(std::string_view raw, std::size_t cut, HeadLimits limits) {
  CGIHeadParser parser(limits);
  ParsedOutput parsed;
  parsed.status = parser.parse(raw.substr(0, cut));
  if (parsed.status == CGIHeadParser::Status::need_more) parsed.status = parser.parse(raw);
  parsed.consumed = parser.consumed();
  parsed.error = parser.error();
  parsed.head = parser.head();
  return parsed;
}

/// The result, which must be the same wherever the output is cut.
ParsedOutput parse_output(std::string_view raw, HeadLimits limits = {}) {
  const ParsedOutput whole = parse_output(raw, raw.size(), limits);
  for (std::size_t cut = 0; cut < raw.size(); ++cut) {
    const ParsedOutput in_two = parse_output(raw, cut, limits);
    EXPECT_EQ(in_two.status, whole.status) << "cut at " << cut;
    EXPECT_EQ(in_two.consumed, whole.consumed) << "cut at " << cut;
    EXPECT_EQ(in_two.error, whole.error) << "cut at " << cut;
    EXPECT_EQ(in_two.head.status, whole.head.status) << "cut at " << cut;
    EXPECT_EQ(in_two.head.headers.text(), whole.head.headers.text()) << "cut at " << cut;
  }
  return whole;
}

CGIHead accepted_output(std::string_view raw) {
  const ParsedOutput parsed = parse_output(raw);
  EXPECT_EQ(parsed.status, CGIHeadParser::Status::complete) << raw << '\n' << parsed.error;
  return parsed.head;
}

std::string refused_output(std::string_view raw, HeadLimits limits = {}) {
  const ParsedOutput parsed = parse_output(raw, limits);
  EXPECT_EQ(parsed.status, CGIHeadParser::Status::failed) << raw;
  return parsed.error;
}

TEST(CGIHeadParser, line_ends) {
  for (const std::string_view raw : {"Content-Type: a/b\n\nbody", "Content-Type: a/b\r\n\r\nbody",
                                     "Content-Type:a/b\r\n\nbody"}) {
    const ParsedOutput parsed = parse_output(raw);
    EXPECT_EQ(parsed.status, CGIHeadParser::Status::complete);
    EXPECT_EQ(raw.substr(parsed.consumed), "body");
    EXPECT_EQ(parsed.head.status, 200);
    EXPECT_FALSE(parsed.head.status_given);
    EXPECT_EQ(parsed.head.headers.text(), "Content-Type: a/b\r\n");
  }
}

TEST(CGIHeadParser, unfinished) {
  for (const std::string_view raw : {"", "\r", "Content-Type", "Content-Type: a/b",
                                     "Content-Type: a/b\n", "Content-Type: a/b\r\n\r"}) {
    EXPECT_EQ(parse_output(raw).status, CGIHeadParser::Status::need_more) << raw;
  }
}

TEST(CGIHeadParser, status) {
  CGIHead head = accepted_output("Status: 404 Not here\nContent-Type: a/b\n\n");
  EXPECT_EQ(head.status, 404);
  EXPECT_TRUE(head.status_given);
  EXPECT_EQ(head.reason, "Not here");
  EXPECT_FALSE(head.headers.contains("Status"));

  head = accepted_output("status:204\n\n");
  EXPECT_EQ(head.status, 204);
  EXPECT_EQ(head.reason, "");
}

TEST(CGIHeadParser, bad_status) {
  for (const std::string_view value : {"", "20", "2000", "abc", "100 Continue", "600", "2 0", "20x",
                                       "-20", "200OK", "\xb2\xb0\xb0"}) {
    EXPECT_EQ(refused_output("Status: " + std::string(value) + "\n\n"), "a bad status") << value;
  }
}

TEST(CGIHeadParser, status_line) {
  const CGIHead head = accepted_output("HTTP/1.0 404 Not here\r\nServer: x\r\nX: y\r\n\r\n");
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.reason, "Not here");
  EXPECT_EQ(head.headers.text(), "X: y\r\n");
  EXPECT_EQ(refused_output("HTTP/2 200 OK\n\n"), "a bad status line");
  EXPECT_EQ(refused_output("HTTP/1.1\n\n"), "a bad status line");
  EXPECT_EQ(refused_output("HTTP/1.1 2\n\n"), "a bad status");
  EXPECT_EQ(refused_output("HTTP/1.1 200 a\rb\n\n"), "a bad status");
  EXPECT_EQ(refused_output("X: y\nHTTP/1.1 200 OK\n\n"), "a line without colon");
}

TEST(CGIHeadParser, location) {
  CGIHead head = accepted_output("Location: http://a/b\n\n");
  EXPECT_EQ(head.status, 302);
  EXPECT_EQ(head.local_redirect, "");
  EXPECT_EQ(head.headers["Location"], "http://a/b");

  EXPECT_EQ(accepted_output("Location: /a?b\n\n").local_redirect, "/a?b");

  // With anything beside it, it is for the client.
  head = accepted_output("Location: /a\nSet-Cookie: x\n\n");
  EXPECT_EQ(head.status, 302);
  EXPECT_EQ(head.local_redirect, "");
  head = accepted_output("Status: 201 Created\nLocation: /a\n\n");
  EXPECT_EQ(head.status, 201);
  EXPECT_EQ(head.local_redirect, "");
}

TEST(CGIHeadParser, length) {
  const CGIHead head = accepted_output("Content-Type: a/b\nContent-Length: 12\n\n");
  EXPECT_EQ(head.content_length, 12U);
  EXPECT_EQ(head.headers["Content-Length"], "12");
  EXPECT_EQ(accepted_output("Status: 200\nContent-Length: 9223372036854775807\n\n").content_length,
            9223372036854775807U);
  for (const std::string_view value : {"", "-1", "+1", "0x10", "1 2", "9223372036854775808"}) {
    EXPECT_EQ(refused_output("Content-Length: " + std::string(value) + "\n\n"),
              "a bad Content-Length")
        << value;
  }
}

TEST(CGIHeadParser, what_is_the_servers_business) {
  const CGIHead head = accepted_output(
      "Content-Type: a/b\nConnection: close\nTransfer-Encoding: chunked\nKeep-Alive: 1\n"
      "Trailer: x\nUpgrade: y\nDate: now\nServer: me\nX-CGI-Extra: 1\nX: y\nX: z\n\n");
  EXPECT_EQ(head.headers.text(), "Content-Type: a/b\r\nX: y\r\nX: z\r\n");
}

TEST(CGIHeadParser, repeated_fields) {
  for (const std::string_view line :
       {"Content-Type: a/b\n", "Location: http://a\n", "Status: 200\n", "Content-Length: 1\n"}) {
    const std::string twice(line);
    EXPECT_EQ(refused_output(twice + twice + "\n"), "a field that is repeated") << line;
  }
}

TEST(CGIHeadParser, nothing_that_a_head_needs) {
  for (const std::string_view raw : {"\n", "\r\n", "X: y\n\n", "Content-Length: 1\n\n"}) {
    EXPECT_EQ(refused_output(raw), "none of Content-Type, Location and Status");
  }
}

TEST(CGIHeadParser, bad_fields) {
  EXPECT_EQ(refused_output("<html>\n\n"), "a line without colon");
  EXPECT_EQ(refused_output("Content Type: x\n\n"), "a bad field name");
  EXPECT_EQ(refused_output(": x\n\n"), "a bad field name");
  EXPECT_EQ(refused_output("Content-Type: a\rX: y\n\n"), "a bad field value");
  EXPECT_EQ(refused_output(std::string_view("X: \0\n\n", 6)), "a bad field value");
  EXPECT_EQ(refused_output("Content-Type: a\n b\n\n"), "a folded line");
  EXPECT_EQ(refused_output("Content-Type:\n\n"), "a field without value");
}

TEST(CGIHeadParser, limits) {
  const HeadLimits limits{.header_bytes = 40, .header_count = 3};
  EXPECT_EQ(parse_output("Status: 200\nX: y\nX: y\n\n", limits).status,
            CGIHeadParser::Status::complete);
  EXPECT_EQ(refused_output("Status: 200\nX: y\nX: y\nX: y\n\n", limits), "too many fields");
  // The empty line does not count.
  EXPECT_EQ(parse_output("Status: 200\nX: " + std::string(24, 'y') + "\n\n", limits).status,
            CGIHeadParser::Status::complete);
  EXPECT_EQ(refused_output("Status: 200\nX: " + std::string(25, 'y') + "\n\n", limits),
            "a head that is too large");
  EXPECT_EQ(refused_output(std::string(100, 'y'), limits), "a head that is too large");
}

}  // namespace
}  // namespace socketserver::http
