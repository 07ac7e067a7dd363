#include <chrono>
#include <stdexcept>
#include <string_view>

#include <gtest/gtest.h>

#include <socketserver/xmlrpc/codec/date_time.hpp>

namespace socketserver::xmlrpc {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_seconds;
using std::chrono::sys_seconds;

constexpr auto kMoment = 1108035683s;  // 2005-02-10 11:41:23 UTC

// XR-011: parts of a second are dropped; the year has four digits.
TEST(DateTime, XR_011_written) {
  EXPECT_EQ(DateTime(sys_seconds(kMoment)).text(), "20050210T11:41:23");
  const std::chrono::local_days day(std::chrono::year(1) / 2 / 3);
  EXPECT_EQ(DateTime(local_seconds(day)).text(), "00010203T00:00:00");
  EXPECT_THROW(DateTime(local_seconds(std::chrono::local_days(std::chrono::year(10000) / 1 / 1))),
               std::out_of_range);
  EXPECT_THROW(DateTime(local_seconds(std::chrono::local_days(std::chrono::year(-1) / 1 / 1))),
               std::out_of_range);
}

// XR-012: a zone is not written. XR-013: whatever text it was given stays.
TEST(DateTime, XR_012_XR_013_text_is_kept) {
  EXPECT_EQ(DateTime(sys_seconds(kMoment)).text().find('Z'), std::string::npos);
  EXPECT_EQ(DateTime("whatever").text(), "whatever");
  EXPECT_EQ(DateTime(" 20050210T11:41:23 ").text(), "20050210T11:41:23");
}

TEST(DateTime, now) {
  const DateTime now;
  ASSERT_TRUE(now.local_time());
  EXPECT_EQ(now.text().size(), 17U);
}

// XR-043, P75.
TEST(DateTime, XR_042_XR_043_read) {
  struct Row {
    std::string_view text;
    std::chrono::seconds offset;
  };
  for (const Row& row :
       {Row{"20050210T11:41:23", 0s}, Row{"2005-02-10T11:41:23", 0s}, Row{"20050210T11:41:23Z", 0s},
        Row{"20050210T11:41:23+0100", 1h}, Row{"20050210T11:41:23-01:30", -90min},
        Row{"20050210T11:41:23.5", 0s}, Row{"2005-02-10T11:41:23.500Z", 0s},
        Row{"20050210T11:41:23,25+01", 1h}, Row{"  20050210T11:41:23\n", 0s}}) {
    const DateTime time(row.text);
    EXPECT_EQ(time.local_time(), local_seconds(kMoment)) << row.text;
    EXPECT_EQ(time.utc_time(), sys_seconds(kMoment - row.offset)) << row.text;
  }
}

// XR-044.
TEST(DateTime, XR_044_refused_when_a_time_is_asked_for) {
  for (const std::string_view text : {"",
                                      "junk",
                                      "20051310T11:41:23",
                                      "20050230T11:41:23",
                                      "20050210T24:41:23",
                                      "20050210T11:60:23",
                                      "20050210T11:41:60",
                                      "20050210 11:41:23",
                                      "20050210T11:41",
                                      "20050210",
                                      "2005-0210T11:41:23",
                                      "200502-10T11:41:23",
                                      "20050210T11:41:23.",
                                      "20050210T11:41:23ZZ",
                                      "20050210T11:41:23+1",
                                      "20050210T11:41:23+01:",
                                      "20050210T11:41:23+2400",
                                      "20050210T11:41:2x",
                                      "050210T11:41:23",
                                      "20050210T11:41:23+010"}) {
    EXPECT_FALSE(DateTime(text).local_time()) << text;
    EXPECT_FALSE(DateTime(text).utc_time()) << text;
    EXPECT_EQ(DateTime(text).text(), text);
  }
}

TEST(DateTime, compared_by_text) {
  EXPECT_LT(DateTime("20050210T11:41:23"), DateTime("20050210T11:41:24"));
  EXPECT_EQ(DateTime("x"), DateTime(" x "));
}

}  // namespace
}  // namespace socketserver::xmlrpc
