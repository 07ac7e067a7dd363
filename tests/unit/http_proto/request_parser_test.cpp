#include <socketserver/http/proto/request_parser.hpp>

#include "tests/unit/http_proto/parse_request.hpp"

namespace socketserver::http {
namespace {

using namespace std::string_literals;

// --- the request line -------------------------------------------------------------------------

TEST(RequestLine, HT_001_is_taken_apart) {
  const RequestHead head = parse_complete("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(head.requestline, "GET / HTTP/1.1");
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/");
  EXPECT_EQ(head.path, "/");
  EXPECT_EQ(head.version, "HTTP/1.1");
  EXPECT_EQ(head.version_major, 1u);
  EXPECT_EQ(head.version_minor, 1u);
}

TEST(RequestLine, HT_002_lf_alone_ends_lines) {
  const RequestHead head = parse_complete("GET / HTTP/1.1\nHost: x\nA: b\n\n");
  EXPECT_EQ(head.requestline, "GET / HTTP/1.1");
  EXPECT_EQ(head.headers.text(), "Host: x\r\nA: b\r\n");
}

TEST(RequestLine, HT_003_several_blanks) {
  const RequestHead head = parse_complete("GET    /   HTTP/1.0  \r\n\r\n");
  EXPECT_EQ(head.requestline, "GET    /   HTTP/1.0  ");
  EXPECT_EQ(head.method, "GET");
  EXPECT_EQ(head.target, "/");
  EXPECT_EQ(head.version, "HTTP/1.0");
}

TEST(RequestLine, HT_004_tab_separates) {
  EXPECT_EQ(parse_complete("GET\t/x\tHTTP/1.0\r\n\r\n").target, "/x");
}

TEST(RequestLine, HT_004_other_white_space_is_refused) {
  for (const char space : {'\v', '\f', '\r', '\x1c', '\x1d', '\x1e', '\x1f', '\x85', '\xa0'}) {
    const ParseError error = parse_failed("GET /a"s + space + "HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(error.fault, Fault::bad_syntax);
    EXPECT_EQ(error.status, 400);
    EXPECT_FALSE(parse_failed("GET /a "s + space + " HTTP/1.0\r\n\r\n").message.empty());
  }
}

TEST(RequestLine, HT_004_bytes_of_utf8_characters_are_no_white_space) {
  EXPECT_EQ(parse_complete("GET /\xc3\xa0\xe2\x80\x85 HTTP/1.0\r\n\r\n").path,
            "/\xc3\xa0\xe2\x80\x85");
}

TEST(RequestLine, HT_005_several_carriage_returns_at_the_end) {
  EXPECT_EQ(parse_complete("GET / HTTP/1.0\r\r\r\n\r\n").requestline, "GET / HTTP/1.0");
}

TEST(RequestLine, HT_006_one_empty_line_is_skipped) {
  const ParsedRequest parsed = parse_at_every_cut("\r\nGET / HTTP/1.0\r\n\r\nrest");
  EXPECT_EQ(parsed.status, RequestParser::Status::complete);
  EXPECT_EQ(parsed.head.requestline, "GET / HTTP/1.0");
  EXPECT_EQ(parsed.consumed, "\r\nGET / HTTP/1.0\r\n\r\n"s.size());
  EXPECT_EQ(parse_complete("\nGET / HTTP/1.0\r\n\r\n").method, "GET");
}

TEST(RequestLine, HT_006_two_empty_lines_close_silently) {
  const ParseError error = parse_failed("\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(error.fault, Fault::blank_line);
  EXPECT_EQ(error.status, 0);
}

TEST(RequestLine, HT_007_only_blanks_close_silently) {
  for (const char* raw : {"   \r\n", "\t\n", " \r\nGET / HTTP/1.0\r\n\r\n"}) {
    const ParseError error = parse_failed(raw);
    EXPECT_EQ(error.fault, Fault::blank_line);
    EXPECT_EQ(error.status, 0);
    EXPECT_EQ(error.message, "");
  }
}

struct BadLine {
  const char* line;
  int status;
  const char* message;
};

TEST(RequestLine, HT_008_to_HT_015_and_HT_028_are_refused_with_pythons_text) {
  const BadLine lines[] = {
      {"GET", 400, "Bad request syntax ('GET')"},
      {"  GET ", 400, "Bad request syntax ('  GET ')"},
      {"GET / x HTTP/1.1", 400, "Bad request syntax ('GET / x HTTP/1.1')"},
      {"GET / x y HTTP/1.0", 400, "Bad request syntax ('GET / x y HTTP/1.0')"},
      {"GET / x FOO/1.1", 400, "Bad request version ('FOO/1.1')"},
      {"GET / FUBAR", 400, "Bad request version ('FUBAR')"},
      {"GET / HTTP/9.9.9", 400, "Bad request version ('HTTP/9.9.9')"},
      {"GET / HTTP/1", 400, "Bad request version ('HTTP/1')"},
      {"GET / HTTP/1.", 400, "Bad request version ('HTTP/1.')"},
      {"GET / HTTP/.1", 400, "Bad request version ('HTTP/.1')"},
      {"GET / HTTP/", 400, "Bad request version ('HTTP/')"},
      {"GET / HTTP/+1.1", 400, "Bad request version ('HTTP/+1.1')"},
      {"GET / HTTP/1_0.1", 400, "Bad request version ('HTTP/1_0.1')"},
      {"GET / http/1.1", 400, "Bad request version ('http/1.1')"},
      {"GET / HTTP/-9_9_9.+9_9_9", 400, "Bad request version ('HTTP/-9_9_9.+9_9_9')"},
      {"GET / HTTP/909876543210.0", 400, "Bad request version ('HTTP/909876543210.0')"},
      {"GET / HTTP/1.909876543210", 400, "Bad request version ('HTTP/1.909876543210')"},
      {"GET / HTTP/1.12345678901", 400, "Bad request version ('HTTP/1.12345678901')"},
      {"GET / HTTP/1.\xb2", 400, "Bad request version ('HTTP/1.\\xb2')"},
      {"GET / HTTP/2.0", 505, "Invalid HTTP version (2.0)"},
      {"GET / HTTP/9.9", 505, "Invalid HTTP version (9.9)"},
      {"PRI * HTTP/2.0", 505, "Invalid HTTP version (2.0)"},
      {"GET / x HTTP/2.0", 505, "Invalid HTTP version (2.0)"},
      {"POST /", 400, "Bad HTTP/0.9 request type ('POST')"},
      {"get /", 400, "Bad HTTP/0.9 request type ('get')"},
      {"F'O /", 400, "Bad HTTP/0.9 request type (\"F'O\")"},
  };
  for (const BadLine& bad : lines) {
    const ParsedRequest parsed = parse_at_every_cut(bad.line + "\r\n"s);
    EXPECT_EQ(parsed.status, RequestParser::Status::failed) << bad.line;
    EXPECT_EQ(parsed.error.status, bad.status) << bad.line;
    EXPECT_EQ(parsed.error.message, bad.message);
    EXPECT_TRUE(parsed.error.requestline_known);
    EXPECT_EQ(parsed.head.requestline, bad.line);
    EXPECT_FALSE(parsed.head.keep_alive);
  }
}

TEST(RequestLine, HT_009_the_version_of_a_bad_line_is_known) {
  const ParsedRequest parsed = parse_at_every_cut("HEAD / x HTTP/1.1\r\n");
  EXPECT_EQ(parsed.head.version, "HTTP/1.1");
  EXPECT_EQ(parsed.head.method, "HEAD");
  EXPECT_TRUE(parsed.head.at_least(1, 1));
}

TEST(RequestLine, HT_013_ten_digits_are_a_version) {
  const RequestHead head = parse_complete("GET / HTTP/1.1234567890\r\nHost: x\r\n\r\n");
  EXPECT_EQ(head.version_minor, 1234567890u);
  EXPECT_EQ(parse_failed("GET / HTTP/9999999999.0\r\n").status, 505);
}

TEST(RequestLine, HT_016_versions_above_1_1_count_as_1_1_and_keep_their_spelling) {
  for (const char* version : {"HTTP/1.2", "HTTP/1.10", "HTTP/01.01"}) {
    const RequestHead head = parse_complete("GET / "s + version + "\r\nHost: x\r\n\r\n");
    EXPECT_EQ(head.version, version);
    EXPECT_TRUE(head.at_least(1, 1));
    EXPECT_TRUE(head.keep_alive);
  }
}

TEST(RequestLine, HT_017_a_malformed_line_has_no_version) {
  for (const char* line : {"GET\r\n", "POST /\r\n", "GET / FUBAR\r\n", "GET / HTTP/1.x\r\n"}) {
    const ParsedRequest parsed = parse_at_every_cut(line);
    EXPECT_EQ(parsed.head.version, "") << line;
    EXPECT_EQ(parsed.head.version_major, 0u) << line;
  }
}

TEST(RequestLine, HT_018_limit_counts_the_line_end) {
  const HeadLimits limits{.request_line_bytes = 65536};
  const std::string frame = "GET / HTTP/1.0\r\n";
  const auto line_of = [&frame](std::size_t bytes) {
    return "GET /" + std::string(bytes - frame.size(), 'a') + " HTTP/1.0\r\n";
  };
  EXPECT_EQ(parse_complete(line_of(65536) + "\r\n", limits).requestline.size(), 65534u);

  const ParsedRequest parsed = parse_at_every_cut(line_of(65537) + "\r\n", limits);
  EXPECT_EQ(parsed.status, RequestParser::Status::failed);
  EXPECT_EQ(parsed.error.fault, Fault::request_line_too_long);
  EXPECT_EQ(parsed.error.status, 414);
  EXPECT_FALSE(parsed.error.requestline_known);
  EXPECT_EQ(parsed.head.requestline, "");
  EXPECT_EQ(parsed.head.method, "");
}

TEST(RequestLine, HT_018_is_refused_before_more_is_buffered) {
  RequestParser parser(HeadLimits{.request_line_bytes = 20});
  EXPECT_EQ(parser.parse(std::string(19, 'a')), RequestParser::Status::need_more);
  EXPECT_EQ(parser.parse(std::string(20, 'a')), RequestParser::Status::failed);
  EXPECT_EQ(parser.error().status, 414);
}

TEST(RequestLine, HT_019_a_leading_run_of_slashes_shrinks) {
  const RequestHead head = parse_complete("GET //evil.example/x HTTP/1.0\r\n\r\n");
  EXPECT_EQ(head.target, "//evil.example/x");
  EXPECT_EQ(head.path, "/evil.example/x");
  EXPECT_EQ(parse_complete("GET ///a//b HTTP/1.0\r\n\r\n").path, "/a//b");
  EXPECT_EQ(parse_complete("GET /// HTTP/1.0\r\n\r\n").path, "/");
  EXPECT_EQ(parse_complete("GET a//b HTTP/1.0\r\n\r\n").path, "a//b");
}

TEST(RequestLine, HT_020_HT_021_absolute_and_asterisk_form_stay) {
  EXPECT_EQ(parse_complete("GET http://h//p HTTP/1.0\r\n\r\n").path, "http://h//p");
  EXPECT_EQ(parse_complete("OPTIONS * HTTP/1.0\r\n\r\n").path, "*");
}

TEST(RequestLine, HT_022_nul_in_the_target_is_kept) {
  EXPECT_EQ(parse_complete("GET /a\0b HTTP/1.0\r\n\r\n"s).path, "/a\0b"s);
}

TEST(RequestLine, HT_023_bytes_above_ascii_are_kept) {
  EXPECT_EQ(parse_complete("F\xe9 /\xff\x80 HTTP/1.0\r\n\r\n").method, "F\xe9");
  EXPECT_EQ(parse_complete("GET /\xff\x80 HTTP/1.0\r\n\r\n").target, "/\xff\x80");
}

TEST(RequestLine, HT_067_to_HT_072_any_word_is_a_method) {
  for (const char* method : {"FOO", "get", "GETs", "__class__", "<script>", "F'O", "F\x01"}) {
    EXPECT_EQ(parse_complete(method + " / HTTP/1.0\r\n\r\n"s).method, method);
  }
}

TEST(RequestLine, HT_015_the_refused_version_is_known) {
  const ParsedRequest parsed = parse_at_every_cut("HEAD / HTTP/2.0\r\n");
  EXPECT_EQ(parsed.error.fault, Fault::unsupported_version);
  EXPECT_EQ(parsed.head.version, "HTTP/2.0");
  EXPECT_EQ(parsed.head.method, "HEAD");
}

// --- HTTP/0.9 ---------------------------------------------------------------------------------

TEST(Http09, HT_025_completes_with_the_request_line) {
  const ParsedRequest parsed = parse_at_every_cut("GET /x\r\nHost: y\r\n\r\n");
  EXPECT_EQ(parsed.status, RequestParser::Status::complete);
  EXPECT_EQ(parsed.consumed, "GET /x\r\n"s.size());
  EXPECT_EQ(parsed.head.version, "HTTP/0.9");
  EXPECT_EQ(parsed.head.path, "/x");
}

TEST(Http09, HT_027_as_third_word_headers_are_parsed) {
  const ParsedRequest parsed =
      parse_at_every_cut("POST /x HTTP/0.9\r\nA: b\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(parsed.status, RequestParser::Status::complete);
  EXPECT_EQ(parsed.head.headers["a"], "b");
  EXPECT_EQ(parsed.head.version, "HTTP/0.9");
  EXPECT_FALSE(parsed.head.keep_alive);
}

TEST(Http09, HT_029_HT_030_closes_and_has_no_headers) {
  const RequestHead head = parse_complete("GET /x\r\n");
  EXPECT_FALSE(head.keep_alive);
  EXPECT_TRUE(head.headers.empty());
  EXPECT_EQ(head.framing, Framing::none);
  EXPECT_FALSE(head.at_least(1, 0));
  EXPECT_TRUE(head.at_least(0, 9));
}

// --- the parser as a machine ------------------------------------------------------------------

TEST(RequestParser, HT_052_pipelined_requests_are_taken_one_by_one) {
  std::string buffer = "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.0\r\nA: b\r\n\r\nGET";
  RequestParser parser;
  ASSERT_EQ(parser.parse(buffer), RequestParser::Status::complete);
  EXPECT_EQ(parser.head().path, "/a");
  buffer.erase(0, parser.consumed());

  parser.reset();
  EXPECT_FALSE(parser.started());
  ASSERT_EQ(parser.parse(buffer), RequestParser::Status::complete);
  EXPECT_EQ(parser.head().path, "/b");
  EXPECT_EQ(parser.head().headers.text(), "A: b\r\n");
  EXPECT_FALSE(parser.head().keep_alive);
  buffer.erase(0, parser.consumed());

  parser.reset();
  EXPECT_EQ(parser.parse(buffer), RequestParser::Status::need_more);
  EXPECT_TRUE(parser.started());
}

TEST(RequestParser, reset_forgets_a_failure) {
  RequestParser parser;
  ASSERT_EQ(parser.parse("\r\nGET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"),
            RequestParser::Status::failed);
  parser.reset();
  EXPECT_EQ(parser.error().fault, Fault::none);
  ASSERT_EQ(parser.parse("\r\nGET / HTTP/1.0\r\n\r\n"), RequestParser::Status::complete);
  EXPECT_EQ(parser.head().framing, Framing::none);
  EXPECT_TRUE(parser.head().headers.empty());
}

TEST(RequestParser, HT_029_reset_forgets_what_the_last_request_asked_for) {
  RequestParser parser(HeadLimits{.header_bytes = 80});
  const std::string first = "POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n";
  for (const char* framing : {"Content-Length: 5\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n"}) {
    ASSERT_EQ(parser.parse(first + framing), RequestParser::Status::complete);
    parser.reset();
    ASSERT_EQ(parser.parse("GET /\r\n"),
              RequestParser::Status::complete);  // has no headers to say otherwise
    EXPECT_EQ(parser.head().framing, Framing::none);
    EXPECT_EQ(parser.head().content_length, 0u);
    EXPECT_FALSE(parser.head().keep_alive);
    EXPECT_FALSE(parser.head().expect_continue);
    parser.reset();
  }
}

TEST(RequestParser, P69_every_request_has_the_whole_limit) {
  RequestParser parser(HeadLimits{.header_bytes = 10, .header_count = 1});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(parser.parse("GET / HTTP/1.0\r\nA: 56789\n\n"), RequestParser::Status::complete);
    parser.reset();
  }
}

TEST(RequestParser, the_result_stays_until_reset) {
  const std::string raw = "GET / HTTP/1.0\r\n\r\n";
  RequestParser parser;
  ASSERT_EQ(parser.parse(raw), RequestParser::Status::complete);
  EXPECT_EQ(parser.parse(raw + "GET"), RequestParser::Status::complete);
  EXPECT_EQ(parser.consumed(), raw.size());

  RequestParser failing;
  ASSERT_EQ(failing.parse("GET\n"), RequestParser::Status::failed);
  EXPECT_EQ(failing.parse("GET\nGET / HTTP/1.0\r\n\r\n"), RequestParser::Status::failed);
}

TEST(RequestParser, HT_059_started_tells_whether_a_request_began) {
  for (const char* nothing : {"", "\r", "\n", "\r\n", "\r\n\r"}) {
    EXPECT_FALSE(parse_at_every_cut(nothing).started) << nothing;
  }
  for (const char* something :
       {"G", " ", "\r\nG", "GET / HTTP/1.0\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    EXPECT_TRUE(parse_at_every_cut(something).started) << something;
  }
}

TEST(RequestParser, HT_041_an_unfinished_head_is_never_complete) {
  const std::string raw = "GET / HTTP/1.0\r\nX: y\r\n\r\n";
  for (std::size_t size = 0; size < raw.size(); ++size) {
    RequestParser parser;
    EXPECT_EQ(parser.parse(raw.substr(0, size)), RequestParser::Status::need_more) << size;
  }
}

TEST(RequestParser, a_head_outlives_buffer_and_parser) {
  RequestHead head;
  {
    std::string buffer = "GET /a HTTP/1.0\r\nA: b\r\n\r\n";
    RequestParser parser;
    ASSERT_EQ(parser.parse(buffer), RequestParser::Status::complete);
    head = std::move(parser.head());
    parser.reset();
    buffer.assign(buffer.size(), '#');
    ASSERT_EQ(parser.parse("GET /other HTTP/1.0\r\n\r\n"), RequestParser::Status::complete);
    EXPECT_EQ(parser.head().path, "/other");
  }
  EXPECT_EQ(head.requestline, "GET /a HTTP/1.0");
  EXPECT_EQ(head.path, "/a");
  EXPECT_EQ(head.headers["A"], "b");
}

// Would run into the test's time limit if every call looked at all bytes again.
TEST(RequestParser, work_is_linear_when_every_read_brings_one_byte) {
  const std::string raw = "GET / HTTP/1.0\r\nA: " + std::string(4 << 20, 'x');
  RequestParser parser(HeadLimits{.header_bytes = 8 << 20});
  for (std::size_t size = 0; size <= raw.size(); ++size) {
    ASSERT_EQ(parser.parse(std::string_view(raw).substr(0, size)),
              RequestParser::Status::need_more);
  }
}

}  // namespace
}  // namespace socketserver::http
