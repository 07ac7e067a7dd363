#include "xmlrpc/accept_encodings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace socketserver::xmlrpc {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(AcceptEncodings, XR_131_names_and_weights) {
  EXPECT_THAT(accept_encodings("gzip"), ElementsAre(Pair("gzip", 1)));
  EXPECT_THAT(accept_encodings("deflate, gzip ; q = 0.5"),
              ElementsAre(Pair("deflate", 1), Pair("gzip", 0.5)));
  EXPECT_THAT(accept_encodings("GZip;q=0"), ElementsAre(Pair("gzip", 0)));
  EXPECT_THAT(accept_encodings("*;q=1.000"), ElementsAre(Pair("*", 1)));
  EXPECT_THAT(accept_encodings(""), IsEmpty());
}

TEST(AcceptEncodings, XR_132_what_cannot_be_read_does_not_count) {
  for (const std::string_view field :
       {"gzip;q=..", "gzip;q=", "gzip;q", "gzip;q=1.1", "gzip;q=-1", "gzip;q=1e0", "gzip;q=inf",
        "gzip;x=1", ";q=1", ",,", "g zip", "gzip;q=0.5;q=1", "gzip;q=0x1", "\xff"}) {
    EXPECT_THAT(accept_encodings(field), IsEmpty()) << field;
  }
  EXPECT_THAT(accept_encodings("gzip;q=.., br"), ElementsAre(Pair("br", 1)));
}

}  // namespace
}  // namespace socketserver::xmlrpc
