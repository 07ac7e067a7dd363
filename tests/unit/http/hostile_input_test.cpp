#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <socketserver/http/simple_handler.hpp>
#include <socketserver/testing/wait.hpp>

#include "temporary_tree.hpp"
#include "web_server.hpp"

// After whatever a client does, the server must serve the next one.

namespace socketserver::testing {
namespace {

using namespace std::string_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Serves a few files, and echoes what is posted.
class FilesAndUploads : public SimpleHTTPRequestHandler {
 public:
  using SimpleHTTPRequestHandler::SimpleHTTPRequestHandler;

 protected:
  void do_POST() override { echo_request(*this); }
};

class HostileInput : public ::testing::Test {
 protected:
  HostileInput() { tree.file("index.html", "fine"); }
  ~HostileInput() override { EXPECT_TRUE(server.is_well()); }

  /// Status lines of all answers to these bytes, until the server closes.
  std::vector<std::string> status_lines(std::string_view bytes) {
    std::string wire = server.ask(bytes);
    std::vector<std::string> lines;
    while (!wire.empty()) lines.push_back(take_answer(wire).status_line);
    return lines;
  }

  /// Whether the server refuses these bytes, closes, and is well afterwards.
  void expect_refused(std::string_view bytes, std::string_view status_line) {
    SCOPED_TRACE(::testing::PrintToString(bytes.substr(0, 200)));
    EXPECT_THAT(status_lines(bytes), ::testing::ElementsAre(std::string(status_line)));
    EXPECT_TRUE(server.is_well());
  }

  static Limits limits() {
    Limits limits;
    limits.body_bytes = 1000;
    return limits;
  }

  TemporaryTree tree;
  WebServer server{handler<FilesAndUploads>({.directory = tree.path()}), limits()};
};

std::string hostile_post(std::string_view fields, std::string_view body = {}) {
  return "POST / HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

TEST_F(HostileInput, other_protocols) {
  expect_refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 505 Invalid HTTP version (2.0)");
  expect_refused("SSH-2.0-OpenSSH_9.2\r\n",
                 "HTTP/1.1 400 Bad request syntax ('SSH-2.0-OpenSSH_9.2')");
  expect_refused("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n"s,
                 "HTTP/1.1 400 Bad request syntax "
                 "('\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xfc\\x03\\x03')");
  expect_refused("GET / RTSP/1.0\r\n\r\n", "HTTP/1.1 400 Bad request version ('RTSP/1.0')");
}

TEST_F(HostileInput, noise) {
  std::mt19937 random(1);
  for (int i = 0; i < 200; ++i) {
    std::string noise(random() % 400, '\0');
    for (char& c : noise) c = static_cast<char>(random());
    if (i % 2 == 0) noise.insert(0, "GET / HTTP/1.1\r\nHost: x\r\n");
    RawClient client = server.connect();
    client.send(noise);
    client.half_close();
    const std::string wire = client.read_all();
    EXPECT_TRUE(wire.empty() || wire.starts_with("HTTP/1.1 ")) << wire;
  }
}

TEST_F(HostileInput, nothing_but_line_ends) {
  EXPECT_EQ(server.ask("\r\n\r\n\r\n\r\n"), "");
  EXPECT_EQ(server.ask("\n\n"), "");
  EXPECT_THAT(server.ask(std::string(70'000, '\r')), StartsWith("HTTP/1.1 414 "));
}

TEST_F(HostileInput, endless_request_line) {
  expect_refused("GET /" + std::string(70'000, 'a'), "HTTP/1.1 414 URI Too Long");
  expect_refused(std::string(1'000'000, 'a'), "HTTP/1.1 414 URI Too Long");
}

TEST_F(HostileInput, too_many_or_too_large_headers) {
  std::string fields;
  for (int i = 0; i < 101; ++i) fields += "X: y\r\n";
  expect_refused("GET / HTTP/1.1\r\n" + fields + "\r\n", "HTTP/1.1 431 Too many headers");
  fields.clear();
  for (int i = 0; i < 70; ++i) fields += "X: " + std::string(1000, 'y') + "\r\n";
  expect_refused("GET / HTTP/1.1\r\n" + fields + "\r\n", "HTTP/1.1 431 Headers too large");
  expect_refused("GET / HTTP/1.1\r\nX: " + std::string(1'000'000, 'y'),
                 "HTTP/1.1 431 Line too long");
}

TEST_F(HostileInput, nul_bytes) {
  expect_refused("GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n"s, "HTTP/1.1 404 File not found");
  expect_refused("GET / HTTP/1.1\0\r\nHost: x\r\n\r\n"s,
                 "HTTP/1.1 400 Bad request version ('HTTP/1.1\\x00')");
  expect_refused("GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"s, "HTTP/1.1 400 Bad header value");
  expect_refused("GET / HTTP/1.1\r\nHost: x\r\nX\0: a\r\n\r\n"s, "HTTP/1.1 400 Bad header name");
}

TEST_F(HostileInput, hosts) {
  for (const std::string host : {"a b", "a@b", "a/b", "a\\b", "a?b", "a#b"}) {
    expect_refused("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n", "HTTP/1.1 400 Bad Host header");
  }
  expect_refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
                 "HTTP/1.1 400 Several Host headers");
}

TEST_F(HostileInput, body_over_the_limit) {
  expect_refused(hostile_post("Content-Length: 1001\r\n"), "HTTP/1.1 413 Content Too Large");
  expect_refused(hostile_post("Content-Length: 9223372036854775807\r\n", "x"),
                 "HTTP/1.1 413 Content Too Large");
  expect_refused(hostile_post("Expect: 100-continue\r\nContent-Length: 1001\r\n"),
                 "HTTP/1.1 413 Content Too Large");
  std::string chunks;
  for (int i = 0; i < 11; ++i) chunks += "64\r\n" + std::string(100, 'x') + "\r\n";
  expect_refused(hostile_post("Transfer-Encoding: chunked\r\n", chunks + "0\r\n\r\n"),
                 "HTTP/1.1 413 Content Too Large");
  expect_refused(hostile_post("Transfer-Encoding: chunked\r\n",
                              "7fffffffffffffff\r\n" + std::string(2000, 'x')),
                 "HTTP/1.1 413 Content Too Large");
}

TEST(HostileBody, over_what_the_handler_wants_to_read) {
  const WebServer server([](BaseHTTPRequestHandler& self) {
    send_text(self, self.command() == "GET" ? "" : self.rfile().read_all(10));
  });
  std::string wire = server.ask(hostile_post("Content-Length: 11\r\n", "hello world"));
  EXPECT_EQ(take_answer(wire).status_line, "HTTP/1.1 413 Content Too Large");
  EXPECT_EQ(wire, "");
  EXPECT_TRUE(server.is_well());
}

TEST_F(HostileInput, body_over_the_limit_by_far_is_not_read_to_its_end) {
  RawClient client = server.connect();
  client.send(hostile_post("Content-Length: 100000000\r\n"));
  EXPECT_EQ(read_answer(client).status, 413);
  EXPECT_TRUE(client.at_eof());
}

TEST_F(HostileInput, body_shorter_than_announced) {
  RawClient client = server.connect();
  client.send(hostile_post("Content-Length: 100\r\n", "only this"));
  client.half_close();
  EXPECT_EQ(client.read_all(), "");
  EXPECT_FALSE(server.log().has("Exception", LogLevel::info));
}

TEST_F(HostileInput, lengths_that_are_none) {
  for (const std::string length : {"+5", "-1", "0x5", "5 5", "5,", "5;", "five", "", "1e3", "5.0",
                                   "9223372036854775808", "99999999999999999999999"}) {
    expect_refused(hostile_post("Content-Length: " + length + "\r\n", "hello"),
                   "HTTP/1.1 400 Bad Content-Length");
  }
}

/// Every one hides a second request from somebody who reads the framing in another way.
TEST_F(HostileInput, smuggled_requests_are_never_served) {
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::string length = "Content-Length: " + std::to_string(smuggled.size() + 5) + "\r\n";
  const std::string chunks = "0\r\n\r\n" + smuggled;
  const std::vector<std::string> heads = {
      length + "Transfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\n" + length,
      length + "Transfer-Encoding: xchunked\r\n",
      length + "Transfer-Encoding: chunked, identity\r\n",
      length + "Transfer-Encoding: identity, chunked\r\n",
      length + "Transfer-Encoding: identity\r\n",
      length + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      length + "Transfer-Encoding:\r\n",
      length + "Transfer-Encoding : chunked\r\n",
      length + "Transfer-Encoding\t: chunked\r\n",
      length + " Transfer-Encoding: chunked\r\n",
      length + "X: y\r\n Transfer-Encoding: chunked\r\n",
      length + "X: y\rTransfer-Encoding: chunked\r\n",
      length +
          "Transfer-Encoding: \x0b"
          "chunked\r\n",
      length + "Transfer-Encoding: \"chunked\"\r\n",
      "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Content-Length: 5\r\n" + length,
      length + "Content-Length: 5\r\n",
      "Content-Length: 5, 6\r\n",
      "Content-Length: 5\r\n 6\r\n",
      "Content-Length : 5\r\n",
      "Content-Length: 5\rX: y\r\n",
      "Content-Length: \x0b"
      "5\r\n",
      ": 5\r\n",
  };
  for (const std::string& head : heads) {
    SCOPED_TRACE(::testing::PrintToString(head));
    const auto lines = status_lines(hostile_post(head, chunks));
    ASSERT_EQ(lines.size(), 1);
    EXPECT_THAT(lines.front(),
                ::testing::AnyOf(StartsWith("HTTP/1.1 400 "), StartsWith("HTTP/1.1 501 ")));
  }
  EXPECT_FALSE(server.log().has("/smuggled"));
}

TEST_F(HostileInput, smuggled_requests_in_chunks) {
  const std::string smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const std::vector<std::string> bodies = {
      "5\nhello\r\n0\r\n\r\n" + smuggled,
      "5\r\nhello\n0\r\n\r\n" + smuggled,
      "5\rhello\r\n0\r\n\r\n" + smuggled,
      "0x5\r\nhello\r\n0\r\n\r\n" + smuggled,
      "+5\r\nhello\r\n0\r\n\r\n" + smuggled,
      " 5\r\nhello\r\n0\r\n\r\n" + smuggled,
      "-1\r\n" + smuggled,
      "\r\n0\r\n\r\n" + smuggled,
      "00000000000000005\r\nhello\r\n0\r\n\r\n" + smuggled,
      "10000000000000005\r\nhello\r\n0\r\n\r\n" + smuggled,
      "ffffffffffffffff\r\nhello\r\n0\r\n\r\n" + smuggled,
      "5;a\nb\r\nhello\r\n0\r\n\r\n" + smuggled,
      "5;a\rb\r\nhello\r\n0\r\n\r\n" + smuggled,
      "5\r\nhelloX\r\n0\r\n\r\n" + smuggled,
      "5\r\nhello\r\n0\r\n\rX" + smuggled,
      "0\r\n\n" + smuggled,
      "0\n\n" + smuggled,
      "0\r\n Folded: x\r\n\r\n" + smuggled,
      "0\r\nX: a\nb\r\n\r\n" + smuggled,
      "5;" + std::string(2000, 'x') + "\r\nhello\r\n0\r\n\r\n" + smuggled,
      "0\r\nX: " + std::string(10'000, 'y') + "\r\n\r\n" + smuggled,
  };
  for (const std::string& body : bodies) {
    SCOPED_TRACE(::testing::PrintToString(body.substr(0, 80)));
    EXPECT_THAT(status_lines(hostile_post("Transfer-Encoding: chunked\r\n", body)),
                ::testing::ElementsAre("HTTP/1.1 400 Bad Request"));
  }
  EXPECT_FALSE(server.log().has("/smuggled"));
}

TEST_F(HostileInput, transfer_encoding_before_http11) {
  expect_refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                 "HTTP/1.1 400 Transfer-Encoding before HTTP/1.1");
}

TEST_F(HostileInput, pipeline_ends_with_the_first_refusal) {
  EXPECT_THAT(
      status_lines("GET / HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n"
                   "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"),
      ::testing::ElementsAre("HTTP/1.1 200 OK", "HTTP/1.1 400 Bad request syntax ('nonsense')"));
  EXPECT_FALSE(server.log().has("/smuggled"));
}

TEST_F(HostileInput, text_of_the_client_never_reaches_a_page_or_log_raw) {
  const std::string evil = "<script>\x1b[31m";
  const std::string wire = server.ask(evil + " / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(wire, Not(HasSubstr("\x1b")));
  EXPECT_THAT(wire.substr(wire.find("\r\n\r\n")), Not(HasSubstr("<script>")));
  for (const std::string& message : server.log().messages(LogLevel::debug)) {
    EXPECT_THAT(message, Not(HasSubstr("\x1b")));
  }
}

TEST_F(HostileInput, client_vanishes_while_it_uploads) {
  RawClient client = server.connect();
  client.send(hostile_post("Content-Length: 1000\r\n", "half"));
  client.reset();
  server.log().wait_for("127.0.0.1", LogLevel::debug);
  EXPECT_FALSE(server.log().has("Exception"));
}

TEST_F(HostileInput, client_vanishes_while_it_downloads) {
  tree.file("large");
  std::filesystem::resize_file(tree.path("large"), std::uint64_t{1} << 30);
  RawClient client = server.connect();
  client.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read(100'000);
  client.reset();
  server.log().wait_for("sendfile", LogLevel::debug);
  EXPECT_FALSE(server.log().has("Exception"));
}

TEST_F(HostileInput, many_clients_that_connect_and_leave) {
  for (int i = 0; i < 100; ++i) {
    RawClient client = server.connect();
    if (i % 3 == 1) client.send("GET / HT");
    if (i % 3 == 2) client.reset();
  }
  EXPECT_TRUE(server.is_well());
}

}  // namespace
}  // namespace socketserver::testing
