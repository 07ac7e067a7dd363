#include "progress_text.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace socketserver::tool {
namespace {

using States = std::vector<TransferState>;

constexpr std::size_t kWidth = 80;

TEST(ProgressText, transfers) {
  EXPECT_EQ(progress_text(States(), 0, kWidth), "");
  EXPECT_EQ(progress_text(States{{"big.iso", 43, 100}}, 980, kWidth),
            "1 transfer, 980 B/s  big.iso 43 %");
  EXPECT_EQ(progress_text(States{{"big.iso", 439, 1000}, {"a", 2'345'000}}, 14.24e6, kWidth),
            "2 transfers, 14.2 MB/s  big.iso 43 %  a 2.3 MB");
}

TEST(ProgressText, shares) {
  const auto share = [](std::uint64_t done, std::uint64_t total) {
    const std::string text = progress_text(States{{"a", done, total}}, 0, kWidth);
    return text.substr(text.find("  a ") + 4);
  };
  EXPECT_EQ(share(0, 5), "0 %");
  EXPECT_EQ(share(999, 1000), "99 %");
  EXPECT_EQ(share(5, 5), "100 %");
  EXPECT_EQ(share(6, 5), "100 %");
  EXPECT_EQ(share(0, 0), "100 %");
  EXPECT_EQ(share(std::uint64_t{1} << 63, std::uint64_t{1} << 63), "100 %");
}

TEST(ProgressText, units) {
  const auto rate = [](double bytes) {
    const std::string text = progress_text(States{{"a"}}, bytes, kWidth);
    return text.substr(0, text.find("/s")).substr(std::string("1 transfer, ").size());
  };
  EXPECT_EQ(rate(0), "0 B");
  EXPECT_EQ(rate(999), "999 B");
  EXPECT_EQ(rate(1000), "1.0 kB");
  EXPECT_EQ(rate(1.5e9), "1.5 GB");
  EXPECT_EQ(rate(2e16), "20000.0 TB");
}

// A line that reached the last column would wrap, and the rest of it could not be erased.
TEST(ProgressText, is_narrower_than_the_terminal) {
  const States states(3, {"big.iso", 1, 2});
  const std::string whole = progress_text(states, 0, kWidth);
  ASSERT_LT(whole.size(), kWidth);
  EXPECT_EQ(progress_text(states, 0, whole.size() + 1), whole);
  const std::string fewer = progress_text(states, 0, whole.size());
  EXPECT_EQ(fewer, "3 transfers, 0 B/s  big.iso 50 %  big.iso 50 %");
  for (std::size_t width = 0; width < kWidth; ++width) {
    const std::string text = progress_text(states, 0, width);
    EXPECT_LE(text.size() + 1, std::max<std::size_t>(width, 1));
    EXPECT_TRUE(whole.starts_with(text));
  }
}

TEST(ProgressText, long_names) {
  const auto name = [](const std::string& given) {
    const std::string text = progress_text(States{{given, 1, 2}}, 0, 200);
    const std::size_t begin = text.find("  ") + 2;
    return text.substr(begin, text.find(" 50 %") - begin);
  };
  EXPECT_EQ(name(std::string(30, 'a')), std::string(30, 'a'));
  EXPECT_EQ(name(std::string(27, 'a') + ".iso"), "aaaaaaaaaaaaaaaaaaa...aaaa.iso");
  // Characters stay whole, and may be twice as wide as those of ASCII.
  const std::string wide = "\u96e8";
  EXPECT_EQ(name(wide + wide), wide + wide);
  std::string rain;
  for (int i = 0; i < 16; ++i) rain += wide;
  std::string kept;
  for (int i = 0; i < 9; ++i) kept += wide;
  EXPECT_EQ(name(rain), kept + "..." + wide + wide + wide + wide);
}

}  // namespace
}  // namespace socketserver::tool
