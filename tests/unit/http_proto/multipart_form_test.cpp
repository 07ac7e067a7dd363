#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/proto/multipart_form.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace socketserver::http {
namespace {

using namespace std::string_literals;

/// All that a parser told of an input.
struct ParsedForm {
  MultipartParser::Status status = MultipartParser::Status::need_more;
  MultipartFault fault = MultipartFault::none;
  std::size_t consumed = 0;
  std::string told;  // "[name|filename|type]content;" for each part

  bool operator==(const ParsedForm&) const = default;
};

std::string summary(const PartHead& part) {
  return '[' + part.name + '|' + part.filename.value_or("-") + '|' + part.content_type + ']';
}

/// Lets the parser see the input up to `end`, until it has nothing more to tell.
void feed(MultipartParser& parser, std::string_view raw, std::size_t end, ParsedForm& so_far) {
  for (;;) {
    // An exact copy on the heap, so that reading beyond it is noticed.
    const std::string_view piece = raw.substr(so_far.consumed, end - so_far.consumed);
    const std::vector<char> copy(piece.begin(), piece.end());
    const auto result = parser.parse({copy.data(), copy.size()});
    EXPECT_LE(result.consumed, piece.size());
    EXPECT_EQ(result.data.empty(), result.status != MultipartParser::Status::data);
    so_far.status = result.status;
    so_far.consumed += result.consumed;
    so_far.told += result.data;
    if (result.status == MultipartParser::Status::part) so_far.told += summary(parser.part());
    if (result.status == MultipartParser::Status::part_end) so_far.told += ';';
    if (result.status == MultipartParser::Status::failed) so_far.fault = parser.fault();
    const bool more = result.status == MultipartParser::Status::part ||
                      result.status == MultipartParser::Status::data ||
                      result.status == MultipartParser::Status::part_end;
    if (!more) return;
  }
}

/// Parses a form whose boundary is "B" and expects the same however it is cut.
ParsedForm parse_form(const std::string& raw, MultipartLimits limits = {}) {
  const auto parse_cut = [&](std::size_t cut, std::size_t step) {
    MultipartParser parser("B", limits);
    ParsedForm parsed;
    for (std::size_t end = cut;; end = std::min(end + step, raw.size())) {
      feed(parser, raw, end, parsed);
      if (end == raw.size() || parsed.status != MultipartParser::Status::need_more) break;
    }
    // What a failure leaves unconsumed is of no use to anybody.
    if (parsed.status == MultipartParser::Status::failed) parsed.consumed = 0;
    return parsed;
  };
  const ParsedForm whole = parse_cut(raw.size(), 1);
  for (std::size_t cut = 0; cut < raw.size(); ++cut) {
    EXPECT_EQ(parse_cut(cut, raw.size()), whole) << raw << " cut at " << cut;
  }
  EXPECT_EQ(parse_cut(0, 1), whole) << raw << " byte by byte";
  return whole;
}

std::string part(std::string_view parameters, std::string_view content) {
  return "--B\r\nContent-Disposition: form-data" + std::string(parameters) + "\r\n\r\n" +
         std::string(content) + "\r\n";
}

MultipartFault fault_of_head(const std::string& lines) {
  const ParsedForm parsed = parse_form("--B\r\n" + lines + "\r\nx\r\n--B--\r\n");
  EXPECT_EQ(parsed.status == MultipartParser::Status::failed, parsed.fault != MultipartFault::none);
  return parsed.fault;
}

TEST(MultipartParser, fields_and_files) {
  const std::string raw =
      part("; name=\"a\"", "one") +
      "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n\r\nline\r\nline\r\n\r\n--B--\r\n";
  const ParsedForm parsed = parse_form(raw);
  EXPECT_EQ(parsed.status, MultipartParser::Status::done);
  EXPECT_EQ(parsed.told, "[a|-|]one;[f|x.txt|text/plain; charset=utf-8]line\r\nline\r\n;");
  EXPECT_EQ(parsed.consumed, raw.size() - 2);
}

TEST(MultipartParser, a_form_may_have_no_part) {
  EXPECT_EQ(parse_form("--B--"),
            (ParsedForm{.status = MultipartParser::Status::done, .consumed = 5, .told = {}}));
  EXPECT_EQ(parse_form("--B--\r\n").status, MultipartParser::Status::done);
}

TEST(MultipartParser, preamble_and_epilogue_are_nobodys) {
  for (const auto* preamble : {"", "\r\n", "This is MIME.\r\n", "--\r\n--b\r\n--A\r\n", "\r\r\n"}) {
    const ParsedForm parsed =
        parse_form(preamble + part("; name=a", "1") + "--B--\r\nepilogue --B\r\n--B");
    EXPECT_EQ(parsed.status, MultipartParser::Status::done) << preamble;
    EXPECT_EQ(parsed.told, "[a|-|]1;") << preamble;
  }
}

TEST(MultipartParser, preamble_is_bounded) {
  const MultipartLimits limits{.preamble_bytes = 10};
  EXPECT_EQ(parse_form("0123456789\r\n--B--", limits).status, MultipartParser::Status::done);
  EXPECT_EQ(parse_form("0123456789a\r\n--B--", limits).fault, MultipartFault::preamble_too_long);
  EXPECT_EQ(parse_form(std::string(2000, '-')).fault, MultipartFault::preamble_too_long);
}

TEST(MultipartParser, content_may_look_like_anything_but_a_boundary) {
  for (const std::string& content :
       {""s, "\r"s, "\n"s, "\r\n"s, "\r\n\r\n"s, "-"s, "\r\n-"s, "\r\n--"s, "\r\n--A"s, "\r\n-B--"s,
        "\r\r\n--\r\n"s, "\n--B\n"s, "\r--B\r"s, "\0\r\n\0"s, "\r\n--b--\r\n"s,
        std::string(300, '\r')}) {
    const ParsedForm parsed = parse_form(part("; name=a", content) + "--B--");
    EXPECT_EQ(parsed.status, MultipartParser::Status::done) << content;
    EXPECT_EQ(parsed.told, "[a|-|]" + content + ";");
  }
}

TEST(MultipartParser, content_may_be_missing_with_its_line_end) {
  const ParsedForm parsed =
      parse_form("--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--B--");
  EXPECT_EQ(parsed.told, "[a|-|];");
  EXPECT_EQ(parsed.status, MultipartParser::Status::done);
}

TEST(MultipartParser, a_boundary_stands_alone_on_its_line) {
  for (const auto* line : {"--Bx\r\n", "--B \r\n", "--B\n", "--B\rx", "--B-\r\n", "--B-x"}) {
    EXPECT_EQ(parse_form(line).fault, MultipartFault::bad_delimiter) << line;
    EXPECT_EQ(parse_form(part("; name=a", "1") + line).fault, MultipartFault::bad_delimiter)
        << line;
  }
}

TEST(MultipartParser, an_unfinished_form_needs_more) {
  const std::string raw = part("; name=a", "1") + part("; name=b", "2") + "--B--";
  for (std::size_t size = 0; size < raw.size(); ++size) {
    EXPECT_EQ(parse_form(raw.substr(0, size)).status, MultipartParser::Status::need_more) << size;
  }
}

TEST(MultipartParser, names_are_as_sent) {
  EXPECT_EQ(parse_form(part("; name=\"\"", "") + "--B--").told, "[|-|];");
  EXPECT_EQ(parse_form(part("; NAME=\"a\\\"b\"", "") + "--B--").told, "[a\"b|-|];");
  EXPECT_EQ(parse_form(part("; name=\"na\xc3\xafve\"", "") + "--B--").told, "[na\xc3\xafve|-|];");
  EXPECT_EQ(parse_form(part("; name=\"a%22b\"", "") + "--B--").told, "[a%22b|-|];");
}

TEST(MultipartParser, file_names_lose_their_directories) {
  for (const auto& [parameters, expected] :
       std::initializer_list<std::pair<std::string, std::string>>{
           {R"(filename="a.txt")", "a.txt"},
           {R"(filename="../../etc/passwd")", "passwd"},
           {R"(filename="C:\x\a.txt")", "a.txt"},
           {R"(filename="")", ""},
           {R"(filename="..")", ""},
           {"filename*=UTF-8''%2e%2e%2fna%C3%AFve.txt", "na\xc3\xafve.txt"},
           {"filename=\"old\"; filename*=UTF-8''new", "new"},
           {"filename*=UTF-8''new; filename=\"old\"", "new"},
           {"filename*=UTF-8''%00", ""},
       }) {
    EXPECT_EQ(parse_form(part("; name=a; " + parameters, "") + "--B--").told,
              "[a|" + expected + "|];")
        << parameters;
  }
}

TEST(MultipartParser, every_part_needs_one_disposition) {
  for (const auto* lines :
       {"", "Content-Type: text/plain\r\n", "Content-Disposition: form-data\r\n",
        "Content-Disposition: attachment; name=a\r\n", "Content-Disposition: form-data; name\r\n",
        "Content-Disposition: form-data; name=a; name=b\r\n",
        "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=a\r\n",
        "Content-Disposition: form-data; name=a; filename*=latin1''x\r\n",
        "Content-Disposition: form-data; name=a; filename=\"x\r\n",
        "Content-Disposition: form-data, name=a\r\n"}) {
    EXPECT_EQ(fault_of_head(lines), MultipartFault::bad_disposition) << lines;
  }
}

TEST(MultipartParser, heads_are_read_strictly) {
  const std::string good = "Content-Disposition: form-data; name=a\r\n";
  EXPECT_EQ(fault_of_head(good), MultipartFault::none);
  EXPECT_EQ(fault_of_head("X: y\r\ncontent-disposition:form-data;name=a\r\n"),
            MultipartFault::none);
  for (const std::string& line : {"nothing\r\n"s, " folded\r\n"s, "X : y\r\n"s, ": y\r\n"s,
                                  "X: \0\r\n"s, "X: y\nZ: w\r\n"s, "X: a\rb\r\n"s}) {
    EXPECT_EQ(fault_of_head(good + line), MultipartFault::bad_head_line) << line;
  }
  EXPECT_EQ(fault_of_head(good + "Content-Type: \r\n"), MultipartFault::bad_content_type);
  EXPECT_EQ(fault_of_head(good + "Content-Type: a/b\r\nContent-Type: a/b\r\n"),
            MultipartFault::bad_content_type);
  EXPECT_EQ(fault_of_head(good + "Content-Type: Multipart/Mixed; boundary=x\r\n"),
            MultipartFault::nested_multipart);
  EXPECT_EQ(fault_of_head(good + "Content-Transfer-Encoding: base64\r\n"),
            MultipartFault::unsupported_encoding);
  EXPECT_EQ(fault_of_head(good + "Content-Transfer-Encoding: BINARY\r\n"), MultipartFault::none);
}

TEST(MultipartParser, heads_are_bounded) {
  const std::string raw = "--B\r\nContent-Disposition: form-data; name=a\r\nX: y\r\n\r\n1\r\n--B--";
  const std::size_t head = raw.find("1\r\n--B--") - 5;
  EXPECT_EQ(parse_form(raw, {.head_bytes = head, .head_count = 2}).status,
            MultipartParser::Status::done);
  EXPECT_EQ(parse_form(raw, {.head_bytes = head - 1}).fault, MultipartFault::head_too_large);
  EXPECT_EQ(parse_form(raw, {.head_count = 1}).fault, MultipartFault::too_many_head_lines);
  EXPECT_EQ(parse_form("--B\r\n" + std::string(9000, 'x')).fault, MultipartFault::head_too_large);
}

TEST(MultipartParser, what_is_kept_back_is_bounded) {
  const std::string boundary(70, 'b');
  MultipartParser parser(boundary);
  std::string in = "--" + boundary + "\r\nContent-Disposition: form-data; name=a\r\n\r\n";
  auto result = parser.parse(in);
  ASSERT_EQ(result.status, MultipartParser::Status::part);
  // All of a delimiter but its last byte, and nothing of the content before it.
  in = "x\r\n--" + boundary.substr(1);
  result = parser.parse(in);
  EXPECT_EQ(result.data, "x");
  result = parser.parse(std::string_view(in).substr(1));
  EXPECT_EQ(result.status, MultipartParser::Status::need_more);
  EXPECT_EQ(result.consumed, 0u);
}

TEST(MultipartParser, the_end_is_final) {
  MultipartParser parser("B");
  EXPECT_EQ(parser.parse("--B--").status, MultipartParser::Status::done);
  EXPECT_EQ(parser.parse("--B\r\n").status, MultipartParser::Status::done);
  MultipartParser failing("B");
  EXPECT_EQ(failing.parse("--Bx").status, MultipartParser::Status::failed);
  EXPECT_EQ(failing.parse("--B--").status, MultipartParser::Status::failed);
}

TEST(MultipartParser, faults_have_a_status_and_a_text) {
  EXPECT_EQ(describe(MultipartFault::head_too_large).status, 413);
  EXPECT_EQ(describe(MultipartFault::too_many_head_lines).status, 413);
  for (auto fault = MultipartFault::none; fault <= MultipartFault::unsupported_encoding;
       fault = static_cast<MultipartFault>(static_cast<int>(fault) + 1)) {
    EXPECT_GE(describe(fault).status, 400);
    EXPECT_FALSE(describe(fault).text.empty());
  }
}

TEST(MultipartBoundary, is_a_parameter_of_the_content_type) {
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=----WebKitFormBoundaryX"),
            "----WebKitFormBoundaryX");
  EXPECT_EQ(multipart_boundary("Multipart/Form-Data; charset=x; Boundary=\"a b'()+_,-./:=?\""),
            "a b'()+_,-./:=?");
  const std::string longest(70, 'b');
  EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=" + longest), longest);
}

TEST(MultipartBoundary, anything_else_is_none) {
  for (const std::string& type :
       {""s, "multipart/form-data"s, "multipart/form-data; boundary="s,
        "multipart/form-data; boundary=\"\""s, "multipart/form-data; boundary=\"a \""s,
        "multipart/form-data; boundary=a; boundary=b"s, "multipart/form-data; boundary=a!"s,
        "multipart/form-data; boundary=\"a\"b\""s, "multipart/mixed; boundary=a"s,
        "multipart/form-data; boundary=" + std::string(71, 'b')}) {
    EXPECT_FALSE(multipart_boundary(type)) << type;
  }
  EXPECT_THROW(MultipartParser(""), std::invalid_argument);
  EXPECT_THROW(MultipartParser("a\r\n"), std::invalid_argument);
}

}  // namespace
}  // namespace socketserver::http
