#include "http/proto/fastcgi_records.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace socketserver::http {
namespace {

using namespace std::string_literals;
using Part = FastCGIReader::Part;

/// A record of request 1.
std::string record(char type, std::string_view content, std::size_t padding = 0) {
  std::string wire = {1, type, 0, 1};
  wire += static_cast<char>(content.size() >> 8U);
  wire += static_cast<char>(content.size() & 0xffU);
  wire += static_cast<char>(padding);
  wire += '\0';
  return wire.append(content).append(padding, 'p');
}

std::string out(std::string_view content, std::size_t padding = 0) {
  return record(6, content, padding);
}

std::string err(std::string_view content) {
  return record(7, content);
}

std::string end(char status = 0, std::string_view application_status = "\0\0\0\0"s) {
  return record(3, std::string(application_status) + status + "\0\0\0"s);
}

struct Read {
  Part last = Part::need_more;
  std::string output;
  std::string errors;
  std::string error;
  std::size_t left = 0;  // bytes that were not looked at
};

void feed(FastCGIReader& reader, std::string_view bytes, Read& read) {
  while (read.last != Part::end && read.last != Part::failed) {
    read.last = reader.next(bytes);
    if (read.last == Part::need_more) break;
    if (read.last == Part::output) read.output += reader.content();
    if (read.last == Part::errors) read.errors += reader.content();
  }
  read.error = reader.error();
  read.left = bytes.size();
}

/// What is read of `wire`, which must be the same wherever it is cut.
Read read_records(std::string_view wire) {
  Read whole;
  FastCGIReader reader;
  feed(reader, wire, whole);
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    Read in_two;
    FastCGIReader other;
    feed(other, wire.substr(0, cut), in_two);
    const std::size_t unread = in_two.left;
    if (in_two.last == Part::need_more) {
      feed(other, wire.substr(cut), in_two);
    } else {
      in_two.left = unread + wire.size() - cut;
    }
    EXPECT_EQ(in_two.last, whole.last) << "cut at " << cut;
    EXPECT_EQ(in_two.output, whole.output) << "cut at " << cut;
    EXPECT_EQ(in_two.errors, whole.errors) << "cut at " << cut;
    EXPECT_EQ(in_two.error, whole.error) << "cut at " << cut;
    EXPECT_EQ(in_two.left, whole.left) << "cut at " << cut;
  }
  return whole;
}

TEST(FastCGIReader, answers) {
  struct Row {
    std::string_view name;
    std::string wire;
    std::string output;
    std::string errors;
  };
  const std::vector<Row> rows = {
      {"nothing but an end", end(), "", ""},
      {"one record", out("hello") + end(), "hello", ""},
      {"several records", out("hel") + out("lo") + out("") + end(), "hello", ""},
      {"padding", out("hello", 3) + out("", 255) + end(), "hello", ""},
      {"both streams", out("a") + err("x") + out("b") + err("y") + end(), "ab", "xy"},
      {"streams that end", out("a") + out("") + err("x") + err("") + end(), "a", "x"},
      {"a stream that ends twice", out("a") + out("") + out("") + end(), "a", ""},
      {"content like a header", out(out("x")) + end(), out("x"), ""},
      {"an end with a reserved byte", out("a") + record(3, "\0\0\0\0\0\1\2\3"s) + end(), "a", ""},
  };
  for (const Row& row : rows) {
    const Read result = read_records(row.wire);
    EXPECT_EQ(result.last, Part::end) << row.name << ": " << result.error;
    EXPECT_EQ(result.output, row.output) << row.name;
    EXPECT_EQ(result.errors, row.errors) << row.name;
  }
}

TEST(FastCGIReader, what_is_no_answer) {
  struct Row {
    std::string wire;
    std::string_view error;
  };
  const std::vector<Row> rows = {
      {"HTTP/1.1 200 OK\r\n", "a record of another version"},
      {"\0\6\0\1\0\0\0\0"s, "a record of another version"},
      {"\2\6\0\1\0\0\0\0"s, "a record of another version"},
      {"\1\6\0\2\0\0\0\0"s, "a record of another request"},
      {"\1\6\1\1\0\0\0\0"s, "a record of another request"},
      {"\1\6\0\0\0\0\0\0"s, "a record of another request"},
      {"\1\3\0\2\0\10\0\0"s, "a record of another request"},
      {record(1, "\0\1\0\0\0\0\0\0"s), "a record of a type that no answer has"},
      {record(5, "x"), "a record of a type that no answer has"},
      {record(10, ""), "a record of a type that no answer has"},
      {record(0, ""), "a record of a type that no answer has"},
      {record(-1, ""), "a record of a type that no answer has"},
      {record(3, ""), "an end of another length"},
      {record(3, "\0\0\0\0\0\0\0\0\0"s), "an end of another length"},
      {end(4), "an end of an unknown kind"},
      {end(-1), "an end of an unknown kind"},
      {out("a") + out("") + out("b") + end(), "a stream that goes on behind its end"},
      {err("a") + err("") + err("b") + end(), "a stream that goes on behind its end"},
  };
  for (const Row& row : rows) {
    const Read result = read_records(row.wire);
    EXPECT_EQ(result.last, Part::failed);
    EXPECT_EQ(result.error, row.error);
  }
}

TEST(FastCGIReader, unfinished) {
  const std::string whole = out("hello", 2) + err("no");
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    EXPECT_EQ(read_records(whole.substr(0, size)).last, Part::need_more) << size;
  }
  EXPECT_EQ(read_records(end().substr(0, 15)).last, Part::need_more);
}

TEST(FastCGIReader, nothing_behind_the_end_is_looked_at) {
  const Read result = read_records(out("a") + end() + out("b"));
  EXPECT_EQ(result.last, Part::end);
  EXPECT_EQ(result.output, "a");
  EXPECT_EQ(result.left, out("b").size());
}

TEST(FastCGIReader, end_and_failure_stay) {
  for (const auto& [wire, part] :
       std::map<std::string, Part>{{end(), Part::end}, {"not FastCGI", Part::failed}}) {
    FastCGIReader reader;
    std::string_view bytes = wire;
    EXPECT_EQ(reader.next(bytes), part);
    const std::string more = out("x");
    bytes = more;
    EXPECT_EQ(reader.next(bytes), part);
    EXPECT_EQ(bytes, more);
  }
}

TEST(FastCGIReader, how_it_has_ended) {
  for (const auto& [code, status] :
       std::map<char, FastCGIReader::Status>{{0, FastCGIReader::Status::complete},
                                             {1, FastCGIReader::Status::cannot_multiplex},
                                             {2, FastCGIReader::Status::overloaded},
                                             {3, FastCGIReader::Status::unknown_role}}) {
    FastCGIReader reader;
    const std::string wire = end(code, "\xff\1\2\3");
    std::string_view bytes = wire;
    EXPECT_EQ(reader.next(bytes), Part::end);
    EXPECT_EQ(reader.status(), status);
    EXPECT_EQ(reader.application_status(), 0xff010203U);
  }
}

TEST(FastCGIReader, longest_record) {
  const std::string content(65535, 'x');
  FastCGIReader reader;
  Read result;
  feed(reader, out(content, 255) + end(), result);
  EXPECT_EQ(result.last, Part::end);
  EXPECT_EQ(result.output, content);
}

TEST(FastCGIRequest, variables) {
  const std::string begin =
      "\1\1\0\1\0\10\0\0"
      "\0\1\0\0\0\0\0\0"s;
  const std::string no_more = "\1\4\0\1\0\0\0\0"s;
  EXPECT_EQ(fastcgi_request({}), begin + no_more);
  EXPECT_EQ(fastcgi_request({{"A", "bc"}, {"D", ""}}), begin +
                                                           record(4,
                                                                  "\1\2Abc"
                                                                  "\1\0D"s) +
                                                           no_more);
}

TEST(FastCGIRequest, sizes_of_one_byte_and_of_four) {
  const std::string begin = fastcgi_request({}).substr(0, 16);
  for (const std::size_t size : {127U, 128U, 300U, 65'000U}) {
    const std::string value(size, 'v');
    std::string pair = "\1"s;
    if (size < 128) {
      pair += static_cast<char>(size);
    } else {
      pair += "\x80\0"s;
      pair += static_cast<char>(size >> 8U);
      pair += static_cast<char>(size & 0xffU);
    }
    EXPECT_EQ(fastcgi_request({{"N", value}}),
              begin + record(4, pair + "N" + value) + record(4, ""));
  }
  const std::string name(200, 'n');
  EXPECT_EQ(fastcgi_request({{name, "v"}}),
            begin + record(4, "\x80\0\0\xc8\1"s + name + "v") + record(4, ""));
}

TEST(FastCGIRequest, variables_of_more_than_a_record) {
  const std::string value(100'000, 'v');
  const std::string pair = "\1\x80\1\x86\xa0N"s + value;
  EXPECT_EQ(fastcgi_request({{"N", value}}).substr(16),
            record(4, pair.substr(0, 65535)) + record(4, pair.substr(65535)) + record(4, ""));
}

TEST(FastCGIRequest, body) {
  std::string wire;
  append_fastcgi_input(wire, "");
  EXPECT_EQ(wire, "") << "an empty record would end it";
  append_fastcgi_input(wire, "ab");
  append_fastcgi_input(wire, "c");
  append_fastcgi_input_end(wire);
  EXPECT_EQ(wire, record(5, "ab") + record(5, "c") + record(5, ""));

  const std::string large(70'000, 'x');
  wire.clear();
  append_fastcgi_input(wire, large);
  EXPECT_EQ(wire, record(5, large.substr(0, 65535)) + record(5, large.substr(65535)));
}

}  // namespace
}  // namespace socketserver::http
