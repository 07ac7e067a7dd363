#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <socketserver/testing/faulty_stream.hpp>

#include "http/response_writer.hpp"
#include "response_outcome.hpp"

// How a response is delimited, for every kind of client, server, status and handler.

namespace socketserver::http {
namespace {

using ::socketserver::testing::FaultyStream;
using ::socketserver::testing::Fields;
using ::socketserver::testing::head;
using ::socketserver::testing::Outcome;
using ::socketserver::testing::outcome;
using ::socketserver::testing::write;
using Rules = ResponseWriter::Rules;

// The most that is gathered for the sake of a Content-Length.
constexpr std::size_t kGathered = 16384;

constexpr Rules kHttp11{};
constexpr Rules kHead{.head_request = true};
constexpr Rules kHttp10Client{.chunks = false, .keep_alive = false, .client_is_http10 = true};
constexpr Rules kHttp10Server{
    .protocol_version = "HTTP/1.0", .adds_framing = false, .chunks = false, .keep_alive = false};

struct Case {
  const char* name;
  Rules rules;
  int status;
  Fields fields;
  std::string body;
  std::string wire;
  bool keeps_alive;
};

const std::string kLong(kGathered + 1, 'x');
const std::string kFits(kGathered, 'x');

const std::vector<Case> kMatrix = {
    {"length known",
     kHttp11,
     200,
     {{"Content-Length", "2"}},
     "hi",
     "HTTP/1.1 200 Why\r\nContent-Length: 2\r\n\r\nhi",
     true},
    {"length added",
     kHttp11,
     200,
     {{"X", "y"}},
     "hi",
     "HTTP/1.1 200 Why\r\nX: y\r\nContent-Length: 2\r\n\r\nhi",
     true},
    {"empty body", kHttp11, 200, {}, "", "HTTP/1.1 200 Why\r\nContent-Length: 0\r\n\r\n", true},
    {"just fits",
     kHttp11,
     200,
     {},
     kFits,
     "HTTP/1.1 200 Why\r\nContent-Length: 16384\r\n\r\n" + kFits,
     true},
    {"chunked",
     kHttp11,
     200,
     {},
     kLong,
     "HTTP/1.1 200 Why\r\nTransfer-Encoding: chunked\r\n\r\n4001\r\n" + kLong + "\r\n0\r\n\r\n",
     true},
    {"until close",
     kHttp10Client,
     200,
     {},
     kLong,
     "HTTP/1.1 200 Why\r\nConnection: close\r\n\r\n" + kLong,
     false},
    {"HTTP/1.0 client, short",
     kHttp10Client,
     200,
     {},
     "hi",
     "HTTP/1.1 200 Why\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
     false},
    {"HTTP/1.0 client that stays",
     {.chunks = false, .client_is_http10 = true},
     200,
     {},
     "hi",
     "HTTP/1.1 200 Why\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nhi",
     true},
    {"HTTP/1.0 client that stays, until close",
     {.chunks = false, .client_is_http10 = true},
     200,
     {},
     kLong,
     "HTTP/1.1 200 Why\r\nConnection: close\r\n\r\n" + kLong,
     false},
    {"HTTP/1.0 server", kHttp10Server, 200, {}, "hi", "HTTP/1.0 200 Why\r\n\r\nhi", false},
    {"HTTP/1.0 server, length",
     kHttp10Server,
     200,
     {{"Content-Length", "2"}},
     "hi",
     "HTTP/1.0 200 Why\r\nContent-Length: 2\r\n\r\nhi",
     false},
    {"HTTP/1.0 server, handler keeps open",
     kHttp10Server,
     200,
     {{"Connection", "keep-alive"}, {"Content-Length", "2"}},
     "hi",
     "HTTP/1.0 200 Why\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
     true},
    {"HTTP/1.0 server, handler keeps open without length",
     kHttp10Server,
     200,
     {{"Connection", "keep-alive"}},
     "hi",
     "HTTP/1.0 200 Why\r\nConnection: keep-alive\r\n\r\nhi",
     false},
    {"HTTP/0.9",
     {.http09 = true},
     200,
     {{"X", "y"}, {"Content-Length", "1"}},
     "body",
     "body",
     false},
    {"HTTP/0.9 without body by its status", {.http09 = true}, 304, {}, "body", "body", false},
    {"server closes",
     {.keep_alive = false},
     200,
     {},
     "hi",
     "HTTP/1.1 200 Why\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi",
     false},
    {"handler closes",
     kHttp11,
     200,
     {{"Connection", "close"}},
     "hi",
     "HTTP/1.1 200 Why\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
     false},
    {"handler closes, in a list",
     kHttp11,
     200,
     {{"connection", "x, CLOSE"}},
     "",
     "HTTP/1.1 200 Why\r\nconnection: x, CLOSE\r\nContent-Length: 0\r\n\r\n",
     false},
    {"handler says both",
     kHttp11,
     200,
     {{"Connection", "keep-alive, close"}},
     "",
     "HTTP/1.1 200 Why\r\nConnection: keep-alive, close\r\nContent-Length: 0\r\n\r\n",
     false},
    {"HEAD, length known",
     kHead,
     200,
     {{"Content-Length", "2"}},
     "hi",
     "HTTP/1.1 200 Why\r\nContent-Length: 2\r\n\r\n",
     true},
    {"HEAD, length known, nothing written",
     kHead,
     200,
     {{"Content-Length", "2"}},
     "",
     "HTTP/1.1 200 Why\r\nContent-Length: 2\r\n\r\n",
     true},
    {"HEAD, length added",
     kHead,
     200,
     {},
     "hi",
     "HTTP/1.1 200 Why\r\nContent-Length: 2\r\n\r\n",
     true},
    {"HEAD, length unknown", kHead, 200, {}, "", "HTTP/1.1 200 Why\r\n\r\n", true},
    {"HEAD, chunked",
     kHead,
     200,
     {},
     kLong,
     "HTTP/1.1 200 Why\r\nTransfer-Encoding: chunked\r\n\r\n",
     true},
    {"204", kHttp11, 204, {}, "no", "HTTP/1.1 204 Why\r\n\r\n", true},
    {"204 with a length",
     kHttp11,
     204,
     {{"Content-Length", "2"}},
     "no",
     "HTTP/1.1 204 Why\r\n\r\n",
     true},
    {"304 with a length",
     kHttp11,
     304,
     {{"Content-Length", "2"}, {"ETag", "\"x\""}},
     "no",
     "HTTP/1.1 304 Why\r\nContent-Length: 2\r\nETag: \"x\"\r\n\r\n",
     true},
    {"304 chunked",
     kHttp11,
     304,
     {{"Transfer-Encoding", "chunked"}},
     "no",
     "HTTP/1.1 304 Why\r\n\r\n",
     true},
    {"chunked by the handler",
     kHttp11,
     200,
     {{"Transfer-Encoding", "chunked"}},
     "2\r\nhi\r\n0\r\n\r\n",
     "HTTP/1.1 200 Why\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
     true},
    {"chunked by the handler beside a length",
     kHttp11,
     200,
     {{"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}},
     "0\r\n\r\n",
     "HTTP/1.1 200 Why\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     true},
    {"101",
     kHttp11,
     101,
     {{"Connection", "Upgrade"}, {"Upgrade", "x"}},
     "another protocol",
     "HTTP/1.1 101 Why\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nanother protocol",
     false},
    {"101 without Connection", kHttp11, 101, {}, "x", "HTTP/1.1 101 Why\r\n\r\nx", false},
};

TEST(ResponseFraming, matrix) {
  for (const Case& c : kMatrix) {
    SCOPED_TRACE(c.name);
    const Outcome result = outcome(c.rules, [&](ResponseWriter& writer) {
      writer.begin(head(c.status, c.fields));
      EXPECT_FALSE(write(writer, c.body));
    });
    EXPECT_EQ(result.wire, c.wire);
    EXPECT_EQ(result.keeps_alive, c.keeps_alive);
  }
}

TEST(ResponseFraming, does_not_depend_on_partial_writes) {
  for (const Case& c : kMatrix) {
    SCOPED_TRACE(c.name);
    FaultyStream stream({.write_piece = 1000});
    OutputBuffer out(stream, std::nullopt);
    ResponseWriter writer(out);
    writer.reset(c.rules);
    writer.begin(head(c.status, c.fields));
    EXPECT_FALSE(write(writer, c.body));
    EXPECT_FALSE(writer.end());
    EXPECT_FALSE(out.flush());
    EXPECT_EQ(stream.output(), c.wire);
  }
}

TEST(ResponseFraming, failed_connection_is_reported_whenever_it_fails) {
  for (const Case& c : kMatrix) {
    SCOPED_TRACE(c.name);
    std::error_code first_write;
    for (std::size_t n = 1; n < 100; ++n) {
      FaultyStream stream({.write_piece = 4000, .failing_operation = n});
      OutputBuffer out(stream, std::nullopt);
      ResponseWriter writer(out);
      writer.reset(c.rules);
      writer.begin(head(c.status, c.fields));
      std::error_code ec = write(writer, c.body);
      if (!ec) ec = writer.end();
      if (!ec) ec = out.flush();
      EXPECT_EQ(static_cast<bool>(ec), stream.operations() >= n) << n;
      EXPECT_TRUE(c.wire.starts_with(stream.output()));
      if (stream.operations() < n) break;
    }
  }
}

}  // namespace
}  // namespace socketserver::http
