#include <string>

#include "tests/unit/http_proto/parse_request.hpp"

// The rules for header lines and for the fields that steer a request, seen through RequestParser.
namespace socketserver::http {
namespace {

using namespace std::string_literals;

/// A request of HTTP/1.1 with Host and the given header lines, CRLF at the end of each.
std::string http11(const std::string& lines) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n";
}

std::string http10(const std::string& lines) {
  return "POST / HTTP/1.0\r\n" + lines + "\r\n";
}

std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// --- limits -----------------------------------------------------------------------------------

TEST(HeaderLines, HT_031_a_hundred_are_accepted_and_one_more_is_not) {
  EXPECT_EQ(parse_complete(http10(repeat("X: y\r\n", 99))).headers.size(), 99u);
  EXPECT_EQ(parse_complete(http10(repeat("X: y\r\n", 100))).headers.size(), 100u);
  const ParseError error = parse_failed(http10(repeat("X: y\r\n", 101)));
  EXPECT_EQ(error.fault, Fault::too_many_headers);
  EXPECT_EQ(error.status, 431);
  EXPECT_EQ(error.message, "Too many headers");
}

TEST(HeaderLines, HT_032_one_line_may_be_as_long_as_all_together) {
  const std::string frame = "X: \r\n";
  const auto line_of = [&frame](std::size_t bytes) {
    return "X: " + std::string(bytes - frame.size(), 'r') + "\r\n";
  };
  EXPECT_EQ(parse_complete(http10(line_of(65536))).headers["x"].size(), 65536u - 5);
  const ParseError error = parse_failed(http10(line_of(65537)));
  EXPECT_EQ(error.fault, Fault::header_line_too_long);
  EXPECT_EQ(error.status, 431);
  EXPECT_EQ(error.message, "Line too long");
}

TEST(HeaderLines, P69_all_together_are_limited) {
  const HeadLimits limits{.header_bytes = 12};  // two lines of six bytes
  EXPECT_EQ(parse_complete(http10("A: b\r\nC: d\r\n"), limits).headers.size(), 2u);
  const ParseError error = parse_failed(http10("A: b\r\nC: de\r\n"), limits);
  EXPECT_EQ(error.fault, Fault::headers_too_large);
  EXPECT_EQ(error.status, 431);
  EXPECT_EQ(parse_failed(http10("A: b\r\nC: d\r\nE: f\r\n"), limits).status, 431);
  EXPECT_EQ(parse_failed(http10("A: b\r\nC: d\r\nE\n"), limits).status, 431);
}

TEST(HeaderLines, P69_are_refused_before_more_is_buffered) {
  RequestParser parser(HeadLimits{.header_bytes = 10});
  const std::string line = "GET / HTTP/1.0\r\n";
  EXPECT_EQ(parser.parse(line + std::string(9, 'a')), RequestParser::Status::need_more);
  EXPECT_EQ(parser.parse(line + std::string(10, 'a')), RequestParser::Status::failed);
  EXPECT_EQ(parser.error().status, 431);
}

TEST(HeaderLines, HT_033_the_request_line_is_known_after_431) {
  const ParsedRequest parsed =
      parse_at_every_cut(http11(repeat("X: y\r\n", 101)), HeadLimits{.header_count = 3});
  EXPECT_EQ(parsed.error.status, 431);
  EXPECT_TRUE(parsed.error.requestline_known);
  EXPECT_EQ(parsed.head.requestline, "POST / HTTP/1.1");
  EXPECT_EQ(parsed.head.version, "HTTP/1.1");
}

// --- syntax -----------------------------------------------------------------------------------

TEST(HeaderLines, HT_034_keep_order_spelling_and_duplicates) {
  const RequestHead head = parse_complete(http10("X-a:1\r\nB: 2 \r\nx-A: \t3\r\n"));
  EXPECT_EQ(head.headers.text(), "X-a: 1\r\nB: 2\r\nx-A: 3\r\n");
  EXPECT_EQ(head.headers["x-a"], "1");
  EXPECT_EQ(head.headers.get_all("X-A").size(), 2u);
}

TEST(HeaderLines, HT_035_latin1_bytes_are_kept) {
  EXPECT_EQ(parse_complete(http10("X: \xc4rger\r\n")).headers["x"], "\xc4rger");
}

struct BadHeader {
  std::string lines;
  Fault fault;
};

TEST(HeaderLines, HT_036_to_HT_040_are_refused) {
  const BadHeader headers[] = {
      {"X: a\r\n  b\r\n", Fault::folded_header},
      {"X: a\r\n\tb\r\n", Fault::folded_header},
      {"X: a\r\n \r\n", Fault::folded_header},
      {" X: a\r\nA: b\r\n", Fault::folded_header},  // HT-037: the first line
      {"X y\r\nA: b\r\n", Fault::header_without_colon},
      {"X\r\n", Fault::header_without_colon},
      {"\r\r\n", Fault::header_without_colon},
      {"X : y\r\n", Fault::bad_header_name},
      {"X\t: y\r\n", Fault::bad_header_name},
      {": y\r\n", Fault::bad_header_name},
      {"X Y: z\r\n", Fault::bad_header_name},
      {"X(: z\r\n", Fault::bad_header_name},
      {"X\x80: z\r\n", Fault::bad_header_name},
      {"X\0: z\r\n"s, Fault::bad_header_name},
      {"X\rY: z\r\n", Fault::bad_header_name},
      {"X: a\rY: b\r\n", Fault::bad_header_value},
      {"X: a\r\r\n", Fault::bad_header_value},
      {"X: \r\r\n", Fault::bad_header_value},
      {"X: a\0b\r\n"s, Fault::bad_header_value},
      {"X: a\x01\r\n", Fault::bad_header_value},
      {"X: a\x1b[31m\r\n", Fault::bad_header_value},
      {"X: a\x7f\r\n", Fault::bad_header_value},
  };
  for (const BadHeader& bad : headers) {
    for (const std::string& raw : {http10(bad.lines), http10("Ok: 1\r\n" + bad.lines)}) {
      const ParseError error = parse_failed(raw);
      EXPECT_EQ(error.fault, bad.fault) << raw;
      EXPECT_EQ(error.status, 400) << raw;
      EXPECT_FALSE(error.message.empty()) << raw;
    }
  }
}

TEST(HeaderLines, tab_within_a_value_and_an_empty_value_are_fine) {
  const RequestHead head = parse_complete(http10("X: a\tb\r\nY:\r\nZ:  \r\n"));
  EXPECT_EQ(head.headers["X"], "a\tb");
  EXPECT_EQ(head.headers.get("Y"), "");
  EXPECT_EQ(head.headers.get("Z"), "");
}

// --- Host -------------------------------------------------------------------------------------

TEST(HostHeader, HT_044_is_demanded_by_HTTP_1_1) {
  const ParseError error = parse_failed("GET / HTTP/1.1\r\nHosts: x\r\n\r\n");
  EXPECT_EQ(error.fault, Fault::missing_host);
  EXPECT_EQ(error.status, 400);
  EXPECT_EQ(parse_failed("GET / HTTP/1.2\r\n\r\n").fault, Fault::missing_host);
  EXPECT_EQ(parse_complete("GET / HTTP/1.0\r\n\r\n").version, "HTTP/1.0");
}

TEST(HostHeader, HT_044_comes_once) {
  for (const char* version : {"1.0", "1.1"}) {
    const ParseError error =
        parse_failed("GET / HTTP/"s + version + "\r\nHost: x\r\nhost: x\r\n\r\n");
    EXPECT_EQ(error.fault, Fault::several_hosts);
    EXPECT_EQ(error.status, 400);
  }
}

TEST(HostHeader, HT_044_is_a_host_and_perhaps_a_port) {
  for (const char* host : {"", "x", "x:80", "x:", "[::1]:80", "[v1.a:b]", "a_b.example",
                           "127.0.0.1", "a%41b", "a,b;c=d"}) {
    EXPECT_EQ(parse_complete("GET / HTTP/1.1\r\nHost: "s + host + "\r\n\r\n").headers["host"],
              host);
  }
  for (const char* host :
       {"a b", "a\tb", "a/b", "u@h", "a?b", "a#b", "a\\b", "x:80:80", "x:8a", "::1", "[::1", "::1]",
        "[]", "[::1]x", "[:/]", "a%4", "a%4g", "<b>", "\xe9"}) {
    for (const char* version : {"1.0", "1.1"}) {
      const ParseError error =
          parse_failed("GET / HTTP/"s + version + "\r\nHost: " + host + "\r\n\r\n");
      EXPECT_EQ(error.fault, Fault::bad_host) << host;
      EXPECT_EQ(error.status, 400);
    }
  }
}

// --- framing ----------------------------------------------------------------------------------

TEST(BodyFraming, is_none_without_length_and_encoding) {
  EXPECT_EQ(parse_complete(http11("")).framing, Framing::none);
}

TEST(BodyFraming, content_length_is_read) {
  struct Length {
    const char* lines;
    std::uint64_t bytes;
  };
  const Length lengths[] = {
      {"Content-Length: 5\r\n", 5},
      {"Content-Length: 0\r\n", 0},
      {"content-length:005\r\n", 5},
      {"Content-Length: 9223372036854775807\r\n", 9223372036854775807u},
      {"Content-Length: 5\r\nContent-Length: 5\r\n", 5},
      {"Content-Length: 5, 5\r\n", 5},
      {"Content-Length: 5 ,5\r\nCONTENT-LENGTH: 5\r\n", 5},
  };
  for (const Length& length : lengths) {
    for (const std::string& raw : {http10(length.lines), http11(length.lines)}) {
      const RequestHead head = parse_complete(raw);
      EXPECT_EQ(head.framing, Framing::length) << raw;
      EXPECT_EQ(head.content_length, length.bytes) << raw;
    }
  }
}

TEST(BodyFraming, HT_042_bad_and_differing_lengths_are_refused) {
  const BadHeader headers[] = {
      {"Content-Length:\r\n", Fault::bad_content_length},
      {"Content-Length: -1\r\n", Fault::bad_content_length},
      {"Content-Length: +5\r\n", Fault::bad_content_length},
      {"Content-Length: 5 5\r\n", Fault::bad_content_length},
      {"Content-Length: 0x5\r\n", Fault::bad_content_length},
      {"Content-Length: 5.0\r\n", Fault::bad_content_length},
      {"Content-Length: 1_000\r\n", Fault::bad_content_length},
      {"Content-Length: \xb2\r\n", Fault::bad_content_length},
      {"Content-Length: 5,\r\n", Fault::bad_content_length},
      {"Content-Length: ,5\r\n", Fault::bad_content_length},
      {"Content-Length: ,\r\n", Fault::bad_content_length},
      {"Content-Length: 9223372036854775808\r\n", Fault::bad_content_length},
      {"Content-Length: 18446744073709551621\r\n", Fault::bad_content_length},
      {"Content-Length: 99999999999999999999999999\r\n", Fault::bad_content_length},
      {"Content-Length: 5\r\nContent-Length: x\r\n", Fault::bad_content_length},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", Fault::several_content_lengths},
      {"Content-Length: 5, 6\r\n", Fault::several_content_lengths},
      {"Content-Length: 6, 5, 5\r\nContent-Length: 5\r\n", Fault::several_content_lengths},
  };
  for (const BadHeader& bad : headers) {
    for (const std::string& raw : {http10(bad.lines), http11(bad.lines)}) {
      const ParseError error = parse_failed(raw);
      EXPECT_EQ(error.fault, bad.fault) << raw;
      EXPECT_EQ(error.status, 400) << raw;
    }
  }
}

TEST(BodyFraming, HT_043_chunked_is_understood) {
  for (const char* lines : {"Transfer-Encoding: chunked\r\n", "TRANSFER-ENCODING:Chunked\r\n"}) {
    EXPECT_EQ(parse_complete(http11(lines)).framing, Framing::chunked) << lines;
  }
}

TEST(BodyFraming, HT_043_other_encodings_are_501) {
  for (const char* lines :
       {"Transfer-Encoding: gzip\r\n", "Transfer-Encoding:\r\n", "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked;q=1\r\n", "Transfer-Encoding: \"chunked\"\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"}) {
    const ParseError error = parse_failed(http11(lines));
    EXPECT_EQ(error.fault, Fault::unsupported_encoding) << lines;
    EXPECT_EQ(error.status, 501) << lines;
  }
}

TEST(BodyFraming, HT_043_encoding_with_length_or_before_1_1_is_refused) {
  for (const char* lines : {"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                            "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
                            "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n"}) {
    const ParseError error = parse_failed(http11(lines));
    EXPECT_EQ(error.fault, Fault::length_and_encoding) << lines;
    EXPECT_EQ(error.status, 400) << lines;
  }
  const ParseError error = parse_failed(http10("Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(error.fault, Fault::encoding_needs_http11);
  EXPECT_EQ(error.status, 400);
}

TEST(BodyFraming, a_refused_request_has_no_framing) {
  const ParsedRequest parsed =
      parse_at_every_cut(http11("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(parsed.head.framing, Framing::none);
  EXPECT_FALSE(parsed.head.keep_alive);
}

// --- Connection and Expect --------------------------------------------------------------------

TEST(KeepAlive, HT_046_to_HT_049_follow_version_and_tokens) {
  EXPECT_TRUE(parse_complete(http11("")).keep_alive);
  EXPECT_TRUE(parse_complete(http11("Connection: closed\r\n")).keep_alive);
  for (const char* close :
       {"Connection: close\r\n", "Connection: CLOSE\r\n", "connection: Close\r\n",
        "Connection: close, TE\r\n", "Connection: TE,close\r\n", "Connection: , close ,\r\n",
        "Connection: keep-alive, close\r\n", "Connection: TE\r\nConnection: close\r\n",
        "Connection: close\r\nConnection: TE\r\n"}) {
    EXPECT_FALSE(parse_complete(http11(close)).keep_alive) << close;
  }
  EXPECT_FALSE(parse_complete(http10("")).keep_alive);
  EXPECT_TRUE(parse_complete(http10("Connection: Keep-Alive\r\n")).keep_alive);
  EXPECT_TRUE(parse_complete(http10("Connection: TE, keep-alive\r\n")).keep_alive);
  EXPECT_FALSE(parse_complete(http10("Connection: keep-alive, close\r\n")).keep_alive);
}

TEST(KeepAlive, HT_049_tokens_may_come_in_several_fields) {
  EXPECT_TRUE(parse_complete(http10("Connection: keep-alive\r\nConnection: TE\r\n")).keep_alive);
}

TEST(ExpectContinue, HT_061_HT_062_HT_064_any_case_and_only_from_1_1) {
  EXPECT_TRUE(parse_complete(http11("Expect: 100-continue\r\n")).expect_continue);
  EXPECT_TRUE(parse_complete(http11("EXPECT: 100-CONTINUE\r\n")).expect_continue);
  EXPECT_FALSE(parse_complete(http11("Expect: spam\r\n")).expect_continue);
  EXPECT_FALSE(parse_complete(http11("")).expect_continue);
  EXPECT_FALSE(parse_complete(http10("Expect: 100-continue\r\n")).expect_continue);
}

}  // namespace
}  // namespace socketserver::http
