#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/testing/faulty_stream.hpp>

#include "http/request_body.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::FaultyStream;

RequestHead with_length(std::uint64_t length) {
  RequestHead head;
  head.framing = Framing::length;
  head.content_length = length;
  return head;
}

RequestHead chunked() {
  RequestHead head;
  head.framing = Framing::chunked;
  return head;
}

/// A request's body on a connection that brings `input` in pieces.
struct Upload {
  Upload(const RequestHead& head, std::string input, std::size_t piece = FaultyStream::kNoLimit,
         std::uint64_t most_bytes = 0)
      : stream({.input = std::move(input), .read_piece = piece}),
        reader(stream),
        out(stream, std::nullopt),
        body(reader, out, {.most_bytes = most_bytes, .progress_timeout = std::nullopt}) {
    body.begin(head);
  }

  /// Everything that can be read, `most` bytes at a time; `ec` says how it ended.
  std::string read_all(std::size_t most = 4096) {
    std::string data;
    std::string block(most, '\0');
    for (;;) {
      const IoResult result = body.read_some(block, Deadline::never());
      data.append(block, 0, result.n);
      ec = result.ec;
      if (result.ec || result.n == 0) return data;
    }
  }

  bool skip(std::size_t most) { return body.skip_rest(most, Deadline::never()); }

  /// What the next request would begin with.
  std::string rest() { return std::string(reader.buffered()) + std::string(stream.unread()); }

  FaultyStream stream;
  Reader reader;
  OutputBuffer out;
  RequestBody body;
  std::error_code ec;
};

constexpr std::string_view kNext = "GET / HTTP/1.1\r\n";
constexpr std::string_view kChunks =
    "5\r\nhello\r\n6;name=value\r\n world\r\n0\r\nTrailer: x\r\n\r\n";

TEST(RequestBody, none) {
  Upload upload(RequestHead{}, std::string(kNext));
  EXPECT_TRUE(upload.body.at_end());
  EXPECT_EQ(upload.read_all(), "");
  EXPECT_FALSE(upload.ec);
  EXPECT_EQ(upload.rest(), kNext);
}

TEST(RequestBody, length_of_zero) {
  Upload upload(with_length(0), std::string(kNext));
  EXPECT_TRUE(upload.body.at_end());
  EXPECT_EQ(upload.read_all(), "");
  EXPECT_EQ(upload.rest(), kNext);
}

TEST(RequestBody, takes_exactly_its_bytes) {
  for (const std::size_t piece : {1U, 2U, 3U, 7U, 100U}) {
    for (const std::size_t block : {1U, 2U, 5U, 100U}) {
      Upload by_length(with_length(11), "hello world" + std::string(kNext), piece);
      EXPECT_EQ(by_length.read_all(block), "hello world");
      EXPECT_FALSE(by_length.ec);
      EXPECT_TRUE(by_length.body.at_end());
      EXPECT_EQ(by_length.rest(), kNext);

      Upload in_chunks(chunked(), std::string(kChunks) + std::string(kNext), piece);
      EXPECT_EQ(in_chunks.read_all(block), "hello world");
      EXPECT_FALSE(in_chunks.ec);
      EXPECT_TRUE(in_chunks.body.at_end());
      EXPECT_EQ(in_chunks.rest(), kNext);
    }
  }
}

TEST(RequestBody, end_is_said_again) {
  Upload upload(with_length(2), "ab" + std::string(kNext));
  EXPECT_EQ(upload.read_all(), "ab");
  EXPECT_EQ(upload.read_all(), "");
  EXPECT_FALSE(upload.ec);
}

TEST(RequestBody, next_request_begins_afresh) {
  Upload upload(with_length(2), "ab" + std::string(kChunks));
  EXPECT_EQ(upload.read_all(), "ab");
  upload.body.begin(chunked());
  EXPECT_FALSE(upload.body.at_end());
  EXPECT_EQ(upload.read_all(), "hello world");
}

TEST(RequestBody, client_that_stops_short) {
  for (std::size_t cut = 0; cut < kChunks.size(); ++cut) {
    Upload upload(chunked(), std::string(kChunks.substr(0, cut)));
    upload.read_all();
    EXPECT_EQ(upload.ec, std::errc::connection_aborted) << cut;
    EXPECT_EQ(upload.body.failure_status(), 0);
    EXPECT_FALSE(upload.body.at_end());
  }
  Upload upload(with_length(5), "hell");
  EXPECT_EQ(upload.read_all(), "hell");
  EXPECT_EQ(upload.ec, std::errc::connection_aborted);
  EXPECT_EQ(upload.body.failure_status(), 0);
  EXPECT_FALSE(upload.skip(100));
}

TEST(RequestBody, broken_chunks) {
  for (const std::string_view wire :
       {"x\r\n", "5 5\r\nhello\r\n", "5\r\nhelloX", "5\nhello", "-5\r\n",
        "5\r\nhello\r\n0\r\nbad\n", "10000000000000000\r\n", "\r\n", "5;a\nb\r\n"}) {
    Upload upload(chunked(), std::string(wire));
    upload.read_all();
    EXPECT_EQ(upload.ec, std::errc::bad_message) << wire;
    EXPECT_EQ(upload.body.failure_status(), 400) << wire;
    // It stays broken.
    upload.read_all();
    EXPECT_EQ(upload.ec, std::errc::bad_message) << wire;
    EXPECT_FALSE(upload.skip(100)) << wire;
  }
}

TEST(RequestBody, limit_of_an_announced_length) {
  Upload fits(with_length(5), "hello", 2, 5);
  EXPECT_EQ(fits.read_all(), "hello");
  EXPECT_FALSE(fits.ec);

  Upload over(with_length(6), "hello!", 2, 5);
  EXPECT_EQ(over.read_all(), "");
  EXPECT_EQ(over.ec, std::errc::message_size);
  EXPECT_EQ(over.body.failure_status(), 413);
  EXPECT_EQ(over.rest(), "hello!");
}

TEST(RequestBody, limit_of_chunks_counts_what_they_hold) {
  Upload fits(chunked(), std::string(kChunks), 3, 11);
  EXPECT_EQ(fits.read_all(), "hello world");
  EXPECT_FALSE(fits.ec);

  Upload over(chunked(), std::string(kChunks), 3, 10);
  EXPECT_LE(over.read_all().size(), 10);
  EXPECT_EQ(over.ec, std::errc::message_size);
  EXPECT_EQ(over.body.failure_status(), 413);
}

TEST(RequestBody, failing_connection) {
  for (std::size_t n = 1; n < 50; ++n) {
    FaultyStream stream({.input = std::string(kChunks), .read_piece = 4, .failing_operation = n});
    Reader reader(stream);
    OutputBuffer out(stream, std::nullopt);
    RequestBody body(reader, out, {.most_bytes = 0, .progress_timeout = std::nullopt});
    body.begin(chunked());
    std::array<char, 64> block;
    IoResult result;
    do {
      result = body.read_some(block, Deadline::never());
    } while (!result.ec && result.n > 0);
    if (stream.operations() < n) break;
    EXPECT_EQ(result.ec, std::errc::connection_reset) << n;
    EXPECT_EQ(body.failure_status(), 0);
  }
}

TEST(RequestBody, what_waits_leaves_before_waiting) {
  Upload upload(with_length(4), "abcd", 2);
  upload.out.append("100 Continue");
  std::array<char, 2> block;
  EXPECT_EQ(upload.body.read_some(block, Deadline::never()).n, 2);
  EXPECT_EQ(upload.stream.output(), "100 Continue");

  // Nobody waits while there is input.
  Upload buffered(with_length(2), "ab" + std::string(kNext));
  EXPECT_GT(buffered.reader.fill(Deadline::never()).n, 0);
  buffered.out.append("later");
  EXPECT_EQ(buffered.read_all(), "ab");
  EXPECT_EQ(buffered.stream.output(), "");
}

TEST(RequestBody, skips_the_rest) {
  for (const std::size_t piece : {1U, 3U, 100U}) {
    Upload by_length(with_length(11), "hello world" + std::string(kNext), piece);
    std::array<char, 2> block;
    EXPECT_GT(by_length.body.read_some(block, Deadline::never()).n, 0);
    EXPECT_TRUE(by_length.skip(11));
    EXPECT_EQ(by_length.rest(), kNext);

    Upload in_chunks(chunked(), std::string(kChunks) + std::string(kNext), piece);
    EXPECT_TRUE(in_chunks.skip(100));
    EXPECT_EQ(in_chunks.rest(), kNext);
  }
}

TEST(RequestBody, skips_no_more_than_told) {
  Upload by_length(with_length(11), "hello world" + std::string(kNext), 3);
  EXPECT_FALSE(by_length.skip(10));
  Upload in_chunks(chunked(), std::string(kChunks) + std::string(kNext), 3);
  EXPECT_FALSE(in_chunks.skip(10));
}

TEST(RequestBody, nothing_to_skip) {
  Upload upload(RequestHead{}, std::string(kNext));
  EXPECT_TRUE(upload.skip(0));
  EXPECT_EQ(upload.stream.operations(), 0);
}

/// A client that sends nothing, and how long one would have waited for it.
class SilentClient final : public ByteSource {
 public:
  IoResult read_some(std::span<char> /*into*/, Deadline deadline) override {
    patience = deadline.remaining();
    return {0, std::make_error_code(std::errc::timed_out)};
  }
  Duration patience{};
};

TEST(RequestBody, client_that_falls_silent) {
  for (const RequestHead& head : {with_length(5), chunked()}) {
    SilentClient client;
    Reader reader(client);
    FaultyStream stream({});
    OutputBuffer out(stream, std::nullopt);
    RequestBody body(reader, out, {.most_bytes = 0, .progress_timeout = std::chrono::hours(1)});
    body.begin(head);
    std::array<char, 16> block;
    EXPECT_EQ(body.read_some(block, Deadline::never()).ec, std::errc::timed_out);
    EXPECT_EQ(body.failure_status(), 408);
    EXPECT_GT(client.patience, std::chrono::minutes(59));
    EXPECT_LE(client.patience, std::chrono::hours(1));

    body.begin(head);
    EXPECT_FALSE(body.skip_rest(100, Deadline::after(std::chrono::minutes(1))));
    EXPECT_LE(client.patience, std::chrono::minutes(1));
  }
}

}  // namespace
}  // namespace socketserver::http
