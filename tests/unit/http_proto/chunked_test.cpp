#include <gtest/gtest.h>

#include <socketserver/http/proto/chunked.hpp>
#include <stdexcept>
#include <string>
#include <vector>

namespace socketserver::http {
namespace {

using namespace std::string_literals;

struct Decoded {
  ChunkedDecoder::Status status = ChunkedDecoder::Status::need_more;
  std::size_t consumed = 0;
  std::string body;

  bool operator==(const Decoded&) const = default;
};

/// Hands `piece` in until it is used up or the body ends.
void feed(ChunkedDecoder& decoder, std::string_view piece, std::size_t max_data, Decoded& so_far) {
  // An exact copy on the heap, so that reading beyond it is noticed.
  const std::vector<char> copy(piece.begin(), piece.end());
  std::string_view rest(copy.data(), copy.size());
  do {
    const ChunkedDecoder::Result result = decoder.decode(rest, max_data);
    EXPECT_LE(result.consumed, rest.size());
    EXPECT_LE(result.data.size(), max_data);
    EXPECT_EQ(result.data.empty(), result.status != ChunkedDecoder::Status::data);
    so_far.status = result.status;
    so_far.consumed += result.consumed;
    so_far.body.append(result.data);
    rest.remove_prefix(result.consumed);
  } while (so_far.status == ChunkedDecoder::Status::data);
  EXPECT_TRUE(so_far.status != ChunkedDecoder::Status::need_more || rest.empty());
}

/// Decodes `raw` and expects the same result however it is cut.
Decoded decode(const std::string& raw, ChunkedLimits limits = {}) {
  const auto decode_cut = [&](std::size_t cut, std::size_t step, std::size_t max_data) {
    ChunkedDecoder decoder(limits);
    Decoded decoded;
    feed(decoder, raw.substr(0, cut), max_data, decoded);
    while (cut < raw.size() && decoded.status == ChunkedDecoder::Status::need_more) {
      feed(decoder, raw.substr(cut, step), max_data, decoded);
      cut += step;
    }
    return decoded;
  };
  const Decoded whole = decode_cut(raw.size(), 1, raw.size());
  for (std::size_t cut = 0; cut < raw.size(); ++cut) {
    EXPECT_EQ(decode_cut(cut, raw.size(), raw.size()), whole) << raw << " cut at " << cut;
  }
  EXPECT_EQ(decode_cut(0, 1, raw.size()), whole) << raw << " byte by byte";
  EXPECT_EQ(decode_cut(raw.size(), 1, 2), whole) << raw << " taken by two bytes";
  return whole;
}

TEST(ChunkedDecoder, HT_043_joins_the_chunks) {
  const std::string raw = "5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\n\r\n";
  const Decoded decoded = decode(raw + "GET / HTTP/1.1\r\n");
  EXPECT_EQ(decoded.status, ChunkedDecoder::Status::done);
  EXPECT_EQ(decoded.body, "hello, world");
  EXPECT_EQ(decoded.consumed, raw.size());
}

TEST(ChunkedDecoder, takes_any_number_of_chunks) {
  std::string raw;
  for (int i = 0; i < 40; ++i) raw += "01\r\nx\r\n";
  EXPECT_EQ(decode(raw + "0\r\n\r\n").body, std::string(40, 'x'));
}

TEST(ChunkedDecoder, an_empty_body_is_one_last_chunk) {
  EXPECT_EQ(decode("0\r\n\r\n"), (Decoded{ChunkedDecoder::Status::done, 5, ""}));
  EXPECT_EQ(decode("0000000000000000\r\n\r\n").status, ChunkedDecoder::Status::done);
}

TEST(ChunkedDecoder, data_is_a_view_into_the_input) {
  const std::string raw = "3\r\nabc\r\n";
  ChunkedDecoder decoder;
  const ChunkedDecoder::Result result = decoder.decode(raw);
  EXPECT_EQ(result.data.data(), raw.data() + 3);
  EXPECT_EQ(result.consumed, 6u);
}

TEST(ChunkedDecoder, hands_out_no_more_than_asked_for) {
  const std::string raw = "3\r\nabc\r\n";
  ChunkedDecoder decoder;
  ChunkedDecoder::Result result = decoder.decode(raw, 0);
  EXPECT_EQ(result.status, ChunkedDecoder::Status::data);
  EXPECT_EQ(result.consumed, 3u);
  EXPECT_EQ(decoder.left_in_chunk(), 3u);
  result = decoder.decode("abc\r\n", 2);
  EXPECT_EQ(result.data, "ab");
  EXPECT_EQ(result.consumed, 2u);
  EXPECT_EQ(decoder.left_in_chunk(), 1u);
  result = decoder.decode("c\r\n", 2);
  EXPECT_EQ(result.data, "c");
  EXPECT_EQ(decoder.left_in_chunk(), 0u);
}

TEST(ChunkedDecoder, data_may_look_like_framing) {
  EXPECT_EQ(decode("a\r\n0\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n").body, "0\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(decode("2\r\n\0\n\r\n0\r\n\r\n"s).body, "\0\n"s);
}

TEST(ChunkedDecoder, sizes_are_hexadecimal_of_either_case) {
  EXPECT_EQ(decode("0a\r\n0123456789\r\n0\r\n\r\n").body, "0123456789");
  EXPECT_EQ(decode("A\r\n0123456789\r\n0\r\n\r\n").body, "0123456789");
}

TEST(ChunkedDecoder, extensions_are_skipped) {
  const std::string raw = "3;a=b\r\nabc\r\n2 \t;x=\"q;\tr\xc3\xa9\"\r\nde\r\n0;last\r\n\r\n";
  EXPECT_EQ(decode(raw), (Decoded{ChunkedDecoder::Status::done, raw.size(), "abcde"}));
}

TEST(ChunkedDecoder, trailers_are_dropped) {
  const std::string raw = "1\r\na\r\n0\r\nX: y\r\nContent-Length: 5\r\n\r\n";
  EXPECT_EQ(decode(raw + "next"), (Decoded{ChunkedDecoder::Status::done, raw.size(), "a"}));
}

TEST(ChunkedDecoder, an_unfinished_body_needs_more) {
  const std::string raw = "2;x\r\nab\r\n0\r\nT: r\r\n\r\n";
  for (std::size_t size = 0; size < raw.size(); ++size) {
    EXPECT_EQ(decode(raw.substr(0, size)).status, ChunkedDecoder::Status::need_more) << size;
  }
}

TEST(ChunkedDecoder, broken_framing_fails) {
  for (const std::string& raw : {
           "\r\n"s,
           "x\r\n"s,
           " 1\r\na\r\n"s,
           "+1\r\na\r\n"s,
           "-1\r\na\r\n"s,
           "0x1\r\na\r\n"s,
           "1_0\r\n"s,
           ";a\r\n"s,
           "1 \r\na\r\n"s,  // blanks belong before a semicolon only
           "1 1\r\na\r\n"s,
           "1\na\r\n"s,  // bare LF behind the size
           "1\r\r\na\r\n"s,
           "1\rXa\r\n"s,
           "1;a\nb\r\n"s,  // bare LF in an extension
           "1;a\rb\r\na\r\n"s,
           "1;\0\r\na\r\n"s,
           "1\r\na\n"s,     // bare LF behind the data
           "1\r\nab\r\n"s,  // more data than announced
           "1\r\na0\r\n\r\n"s,
           "1\r\na\rX"s,
           "1\r\na\r\n\r\n"s,
           "0\r\nX: y\n\r\n"s,              // bare LF in the trailer
           "0\r\nGET / HTTP/1.1\r\n\r\n"s,  // no field at all
           "0\r\nX\r\n\r\n"s,
           "0\r\nX : y\r\n\r\n"s,
           "0\r\n\n"s,
           "0\r\n\rX"s,
           "0\r\n X: y\r\n\r\n"s,
           "0\r\n: y\r\n\r\n"s,
           "0\r\nX: \0\r\n\r\n"s,
           "0\r\nX: y\rZ\r\n\r\n"s,
       }) {
    EXPECT_EQ(decode(raw).status, ChunkedDecoder::Status::failed) << raw;
  }
}

TEST(ChunkedDecoder, sizes_are_bounded) {
  EXPECT_EQ(decode("7fffffffffffffff\r\na").status, ChunkedDecoder::Status::need_more);
  EXPECT_EQ(decode("8000000000000000\r\na").status, ChunkedDecoder::Status::failed);
  EXPECT_EQ(decode("ffffffffffffffff;x\r\na").status, ChunkedDecoder::Status::failed);
  EXPECT_EQ(decode("00000000000000001\r\na").status, ChunkedDecoder::Status::failed);  // 17 digits
  EXPECT_EQ(decode("10000000000000001\r\na").status,
            ChunkedDecoder::Status::failed);  // would be 1 in 64 bits
}

TEST(ChunkedDecoder, extension_bytes_are_bounded_per_line_and_in_total) {
  const ChunkedLimits limits{.extension_bytes = 4, .extension_bytes_total = 6};
  EXPECT_EQ(decode("1;abc\r\na\r\n0\r\n\r\n", limits).status, ChunkedDecoder::Status::done);
  EXPECT_EQ(decode("1;abcd\r\na\r\n0\r\n\r\n", limits).status, ChunkedDecoder::Status::failed);
  EXPECT_EQ(decode("1   ;\r\na\r\n0\r\n\r\n", limits).status, ChunkedDecoder::Status::done);
  EXPECT_EQ(decode("1    ;\r\na\r\n0\r\n\r\n", limits).status, ChunkedDecoder::Status::failed);
  EXPECT_EQ(decode("1;ab\r\na\r\n1;ab\r\na\r\n0\r\n\r\n", limits).status,
            ChunkedDecoder::Status::done);
  EXPECT_EQ(decode("1;ab\r\na\r\n1;abc\r\na\r\n0\r\n\r\n", limits).status,
            ChunkedDecoder::Status::failed);
}

TEST(ChunkedDecoder, trailer_bytes_are_bounded) {
  const ChunkedLimits limits{.trailer_bytes = 12};  // two lines of six bytes
  EXPECT_EQ(decode("0\r\nA: b\r\nC: d\r\n\r\n", limits).status, ChunkedDecoder::Status::done);
  EXPECT_EQ(decode("0\r\nA: b\r\nC: de\r\n\r\n", limits).status, ChunkedDecoder::Status::failed);
}

TEST(ChunkedDecoder, the_end_is_final_until_reset) {
  ChunkedDecoder decoder;
  EXPECT_EQ(decoder.decode("0\r\n\r\n").status, ChunkedDecoder::Status::done);
  const ChunkedDecoder::Result again = decoder.decode("1\r\na\r\n");
  EXPECT_EQ(again.status, ChunkedDecoder::Status::done);
  EXPECT_EQ(again.consumed, 0u);
  decoder.reset();
  EXPECT_EQ(decoder.decode("1\r\na\r\n").data, "a");

  ChunkedDecoder failing;
  EXPECT_EQ(failing.decode("x").status, ChunkedDecoder::Status::failed);
  EXPECT_EQ(failing.decode("0\r\n\r\n").status, ChunkedDecoder::Status::failed);
}

TEST(ChunkHeader, is_the_size_in_hexadecimal) {
  EXPECT_EQ(chunk_header(1).view(), "1\r\n");
  EXPECT_EQ(chunk_header(500).view(), "1f4\r\n");
  EXPECT_EQ(chunk_header(static_cast<std::size_t>(-1)).view(), "ffffffffffffffff\r\n");
  EXPECT_THROW(static_cast<void>(chunk_header(0)), std::invalid_argument);
}

TEST(ChunkHeader, what_is_encoded_can_be_decoded) {
  const std::string body(70000, 'x');
  std::string raw;
  for (const std::size_t size : {1u, 15u, 16u, 69968u}) {
    raw.append(chunk_header(size).view()).append(size, 'x').append(kChunkEnd);
  }
  raw.append(kLastChunk);
  ChunkedDecoder decoder;
  Decoded decoded;
  feed(decoder, raw, raw.size(), decoded);
  EXPECT_EQ(decoded, (Decoded{ChunkedDecoder::Status::done, raw.size(), body}));
}

}  // namespace
}  // namespace socketserver::http
