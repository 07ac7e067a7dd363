#include <array>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/http/proto/accept_encoding.hpp>

namespace socketserver::http {
namespace {

constexpr std::array<std::string_view, 3> kAll = {"br", "zstd", "gzip"};

TEST(CodingWeight, named) {
  EXPECT_EQ(coding_weight("gzip", "gzip"), 1000);
  EXPECT_EQ(coding_weight("GZip", "gzip"), 1000);
  EXPECT_EQ(coding_weight("br, gzip", "gzip"), 1000);
  EXPECT_EQ(coding_weight("br,gzip;q=0.5", "gzip"), 500);
  EXPECT_EQ(coding_weight("br, gzip ; q=0.5 , x", "gzip"), 500);
  EXPECT_EQ(coding_weight("gzip;Q=0.5", "gzip"), 500);
  EXPECT_EQ(coding_weight("gzip;q=0", "gzip"), 0);
  EXPECT_EQ(coding_weight("x-gzip", "gzip"), 1000);
  EXPECT_EQ(coding_weight("gzip;q=0.1, gzip;q=0.9", "gzip"), 100);
}

TEST(CodingWeight, not_named) {
  EXPECT_EQ(coding_weight("", "gzip"), 0);
  EXPECT_EQ(coding_weight("br", "gzip"), 0);
  EXPECT_EQ(coding_weight("gzipped", "gzip"), 0);
  EXPECT_EQ(coding_weight("*", "gzip"), 1000);
  EXPECT_EQ(coding_weight("*;q=0.3", "gzip"), 300);
  EXPECT_EQ(coding_weight("gzip;q=0, *", "gzip"), 0);
  EXPECT_EQ(coding_weight("*, gzip;q=0", "gzip"), 0);
}

TEST(CodingWeight, identity) {
  EXPECT_EQ(coding_weight("", "identity"), 1);
  EXPECT_EQ(coding_weight("gzip", "identity"), 1);
  EXPECT_EQ(coding_weight("identity", "identity"), 1000);
  EXPECT_EQ(coding_weight("identity;q=0", "identity"), 0);
  EXPECT_EQ(coding_weight("*;q=0", "identity"), 0);
  EXPECT_EQ(coding_weight("identity;q=0.5, *;q=0", "identity"), 500);
}

TEST(CodingWeight, weights) {
  struct Row {
    std::string_view text;
    int weight;
  };
  for (const Row& row : {Row{"0", 0}, Row{"1", 1000}, Row{"0.", 0}, Row{"1.", 1000},
                         Row{"0.1", 100}, Row{"0.12", 120}, Row{"0.123", 123}, Row{"0.001", 1},
                         Row{"1.000", 1000}, Row{"0.999", 999}}) {
    EXPECT_EQ(coding_weight("gzip;q=" + std::string(row.text), "gzip"), row.weight) << row.text;
  }
}

TEST(CodingWeight, what_is_malformed_does_not_count) {
  for (const std::string_view field :
       {"gzip;q=", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234", "gzip;q=-1", "gzip;q=.5",
        "gzip;q=a", "gzip;q=0.x", "gzip;q=00", "gzip;q = 1", "gzip;level=9", "gzip;", "gzip br",
        "\"gzip\"", "gzip;q=1;q=1"}) {
    EXPECT_EQ(coding_weight(field, "gzip"), 0) << field;
  }
  EXPECT_EQ(coding_weight("gzip;q=7, gzip;q=0.7", "gzip"), 700);
}

TEST(ChooseCoding, best) {
  struct Row {
    std::string_view field;
    std::string_view coding;
  };
  for (const Row& row : {
           Row{"", "identity"},
           Row{"gzip", "gzip"},
           Row{"gzip, deflate, br, zstd", "br"},
           Row{"gzip;q=1.0, br;q=0.9", "gzip"},
           Row{"gzip;q=0.5, zstd;q=0.5", "zstd"},
           Row{"*", "br"},
           Row{"br;q=0, *", "zstd"},
           Row{"*;q=0.5, gzip", "gzip"},
           Row{"deflate", "identity"},
           Row{"identity", "identity"},
           Row{"identity;q=0.9, gzip;q=0.5", "identity"},
           Row{"identity;q=0.5, gzip;q=0.5", "gzip"},
           Row{"gzip;q=0.001", "gzip"},
           Row{"gzip;q=0", "identity"},
           Row{"*;q=0", "identity"},
           Row{"identity;q=0", "identity"},
           Row{"identity;q=0, gzip;q=0.1", "gzip"},
           Row{"identity;q=1, *;q=0", "identity"},
       }) {
    EXPECT_EQ(choose_coding(row.field, kAll), row.coding) << row.field;
  }
}

TEST(RankCodings, one_after_the_other_as_choose_coding_has_them) {
  for (const std::string_view field :
       {"", "gzip", "gzip, deflate, br, zstd", "gzip;q=1.0, br;q=0.9", "gzip;q=0.5, zstd;q=0.5",
        "*", "br;q=0, *", "zstd;q=0.2, br;q=0.1, gzip;q=0.3", "identity;q=0.5, gzip, br;q=0.4",
        "identity;q=0, gzip;q=0.1", "*;q=0", "x-gzip, br;q=0.001"}) {
    std::vector<std::string_view> left(kAll.begin(), kAll.end());
    for (const WantedCoding& wanted : rank_codings(field, kAll)) {
      EXPECT_EQ(choose_coding(field, left), wanted.coding) << field;
      EXPECT_EQ(coding_weight(field, wanted.coding), wanted.weight) << field;
      std::erase(left, wanted.coding);
    }
    EXPECT_EQ(choose_coding(field, left), kIdentity) << field;
  }
}

TEST(ChooseCoding, only_what_is_available) {
  constexpr std::array<std::string_view, 1> kGzip = {"gzip"};
  EXPECT_EQ(choose_coding("br, gzip;q=0.1", kGzip), "gzip");
  EXPECT_EQ(choose_coding("br", kGzip), "identity");
  EXPECT_EQ(choose_coding("br, *", {}), "identity");
}

}  // namespace
}  // namespace socketserver::http
