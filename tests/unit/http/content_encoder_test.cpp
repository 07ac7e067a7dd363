#include <gtest/gtest.h>

#include <socketserver/http/content_encoder.hpp>
#include <stdexcept>
#include <string>

#include "decode.hpp"

namespace socketserver::http {
namespace {

using socketserver::testing::decode;
using socketserver::testing::decode_so_far;
using Then = ContentEncoder::Then;

/// Text that compresses, but not to nothing.
std::string text_of(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i * i) + " lines\n";
  text.resize(size);
  return text;
}

class Encoders : public ::testing::TestWithParam<std::string_view> {};

TEST_P(Encoders, what_is_encoded_can_be_decoded) {
  for (const std::size_t size : {0U, 1U, 1000U, 100'000U, 3'000'000U}) {
    for (const std::size_t piece : {7U, 4096U, 65536U, 3'000'000U}) {
      if (size / piece > 10'000) continue;
      const std::string text = text_of(size);
      const auto encoder = make_content_encoder(GetParam());
      std::string encoded;
      for (std::size_t at = 0; at < size; at += piece) {
        encoder->encode(std::string_view(text).substr(at, piece), Then::wait, encoded);
      }
      encoder->encode({}, Then::finish, encoded);
      EXPECT_EQ(decode(GetParam(), encoded), text);
      if (size >= 100'000) {
        EXPECT_LT(encoded.size(), size / 2);
      }
    }
  }
}

TEST_P(Encoders, what_was_flushed_can_be_decoded_at_once) {
  const auto encoder = make_content_encoder(GetParam());
  std::string encoded;
  std::string expected;
  for (int i = 0; i < 100; ++i) {
    const std::string line = "event " + std::to_string(i) + "\n";
    expected += line;
    encoder->encode(line, Then::flush, encoded);
    ASSERT_EQ(decode_so_far(GetParam(), encoded), expected);
  }
  encoder->encode({}, Then::flush, encoded);
  encoder->encode("end", Then::finish, encoded);
  EXPECT_EQ(decode(GetParam(), encoded), expected + "end");
}

TEST_P(Encoders, what_does_not_compress_hardly_grows) {
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 200'000; ++i) {
    state = state * 1664525 + 1013904223;
    noise += static_cast<char>(state >> 24);
  }
  const auto encoder = make_content_encoder(GetParam());
  std::string encoded;
  encoder->encode(noise, Then::finish, encoded);
  EXPECT_EQ(decode(GetParam(), encoded), noise);
  EXPECT_LT(encoded.size(), noise.size() + 1000);
}

INSTANTIATE_TEST_SUITE_P(All, Encoders, ::testing::ValuesIn(content_codings()),
                         [](const auto& test) { return std::string(test.param); });

TEST(ContentEncoder, of_another_coding_is_misuse) {
  EXPECT_THROW(make_content_encoder("deflate"), std::invalid_argument);
  EXPECT_THROW(make_content_encoder("identity"), std::invalid_argument);
}

}  // namespace
}  // namespace socketserver::http
