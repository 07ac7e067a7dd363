#include "xmlrpc/codec/gzip_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace socketserver::xmlrpc {
namespace {

struct Outcome {
  std::string content;
  std::optional<GzipError> error;
  bool operator==(const Outcome&) const = default;
};

/// What comes of data that arrives `piece` bytes at a time, each in a place of its own.
Outcome read(std::string_view data, std::size_t piece, std::size_t max_bytes = 1'000'000,
             std::size_t times = 0) {
  std::string place;
  GzipReader reader(
      [&]() -> std::string_view {
        std::string(data.substr(0, piece)).swap(place);
        data.remove_prefix(std::min(piece, data.size()));
        return place;
      },
      max_bytes, times);
  Outcome outcome;
  for (std::string_view text = reader.next(); !text.empty(); text = reader.next()) {
    outcome.content += text;
  }
  outcome.error = reader.error();
  return outcome;
}

std::string pseudo_random(std::size_t size) {
  std::string data;
  unsigned state = 1;
  while (data.size() < size) {
    data.push_back(static_cast<char>((state = state * 1103515245 + 12345) >> 16));
  }
  return data;
}

TEST(GzipReader, however_it_is_cut) {
  for (const std::string& content :
       {std::string(), std::string("x"), std::string(200'000, 'x'), pseudo_random(70'000)}) {
    const std::string data = gzip_encode(content);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, data.size()}) {
      EXPECT_EQ(read(data, piece), (Outcome{content, std::nullopt}));
    }
  }
}

TEST(GzipReader, cut_off_at_every_byte_and_with_more_behind) {
  const std::string data = gzip_encode("some text, and some more");
  for (std::size_t size = 0; size < data.size(); ++size) {
    for (const std::size_t piece : {std::size_t{1}, data.size()}) {
      EXPECT_EQ(read(data.substr(0, size), piece).error, GzipError::invalid_data) << size;
    }
  }
  for (const std::size_t piece : {std::size_t{1}, data.size(), data.size() + 1}) {
    EXPECT_EQ(read(data + "x", piece).error, GzipError::invalid_data) << piece;
  }
  EXPECT_EQ(read("plain text", 3).error, GzipError::invalid_data);
}

TEST(GzipReader, content_has_a_limit) {
  const std::string data = gzip_encode(std::string(200'000, 'x'));
  EXPECT_FALSE(read(data, 50, 200'000).error);
  EXPECT_EQ(read(data, 50, 199'999).error, GzipError::too_large);
  EXPECT_EQ(read(gzip_encode(""), 50, 0).error, std::nullopt);
}

// What is allowed counts when all of the data has come, wherever it is that compresses best.
TEST(GzipReader, content_is_bounded_by_what_it_takes) {
  constexpr std::size_t kTimes = 50;
  const std::string noise = pseudo_random(6000);
  for (const std::string& filler : {std::string(300'000, 'x'), std::string(400'000, 'x')}) {
    for (const std::string& content : {filler + noise, noise + filler}) {
      const std::string data = gzip_encode(content);
      const bool allowed = content.size() <= most_content(data.size(), kTimes);
      for (const std::size_t piece : {std::size_t{1}, std::size_t{700}, data.size()}) {
        const Outcome outcome = read(data, piece, 1'000'000, kTimes);
        EXPECT_EQ(outcome.error.has_value(), !allowed) << content.size() << ' ' << piece;
        if (allowed) {
          EXPECT_TRUE(outcome.content == content);
        }
      }
    }
  }
}

TEST(GzipReader, what_is_allowed) {
  EXPECT_EQ(most_content(10, 3), kFreeExpansion + 30);
  EXPECT_EQ(most_content(10, 0), static_cast<std::size_t>(-1));
  EXPECT_EQ(most_content(static_cast<std::size_t>(-1), 2), static_cast<std::size_t>(-1));
}

// A bomb is given up once its data has come, and costs no more than that allows.
TEST(GzipReader, bombs_stop_where_their_size_is_used_up) {
  const std::string bomb = gzip_encode(std::string(std::size_t{8} << 20, ' '));
  const Outcome outcome = read(bomb, 1000, std::size_t{8} << 20, 50);
  EXPECT_EQ(outcome.error, GzipError::too_large);
  EXPECT_LE(outcome.content.size(), most_content(bomb.size(), 50) + 1);
}

}  // namespace
}  // namespace socketserver::xmlrpc
