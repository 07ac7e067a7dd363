#include <gtest/gtest.h>

#include <clocale>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <socketserver/http/proto/date.hpp>
#include <stdexcept>

namespace socketserver::http {
namespace {

/// 2020-01-02 03:04:05 UTC.
constexpr std::int64_t kMoment = 1577934245;

TEST(FormatDate, HT_094_is_an_http_date) {
  EXPECT_EQ(format_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(format_date(1), "Thu, 01 Jan 1970 00:00:01 GMT");
  EXPECT_EQ(format_date(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
  EXPECT_EQ(format_date(kMoment), "Thu, 02 Jan 2020 03:04:05 GMT");
  EXPECT_EQ(format_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_date(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(format_date(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");  // no leap year
}

TEST(FormatDate, HT_094_years_0_to_9999) {
  constexpr std::int64_t kFirst = -62167219200;
  constexpr std::int64_t kLast = 253402300799;
  EXPECT_EQ(format_date(kFirst), "Sat, 01 Jan 0000 00:00:00 GMT");
  EXPECT_EQ(format_date(kLast), "Fri, 31 Dec 9999 23:59:59 GMT");
  for (const std::int64_t outside :
       {kFirst - 1, kLast + 1, std::numeric_limits<std::int64_t>::min(),
        std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_THROW(static_cast<void>(format_date(outside)), std::out_of_range);
    char untouched = '#';
    EXPECT_FALSE(format_date_to(&untouched, outside));
    EXPECT_EQ(untouched, '#');
  }
}

TEST(FormatDate, format_date_to_writes_just_the_text) {
  std::string buffer(kDateSize + 1, '#');
  EXPECT_TRUE(format_date_to(buffer.data(), 0));
  EXPECT_EQ(buffer, "Thu, 01 Jan 1970 00:00:00 GMT#");
}

TEST(FormatDate, HT_095_is_english_in_every_locale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  const char* const set = std::setlocale(LC_ALL, "de_DE.UTF-8");  // not installed everywhere
  EXPECT_EQ(format_date(1583020800 + 86400 * 60), "Thu, 30 Apr 2020 00:00:00 GMT");
  EXPECT_EQ(parse_date("Thu, 30 Apr 2020 00:00:00 GMT"), 1583020800 + 86400 * 60);
  std::setlocale(LC_ALL, before.c_str());
  if (set == nullptr) GTEST_SKIP() << "no German locale here";
}

TEST(FormatDate, HT_095_agrees_with_the_c_library_on_every_day) {
  for (std::int64_t day = -200000; day < 200000; day += 1) {
    const std::int64_t seconds = day * 86400 + (day % 86400 + 86400) % 86400;
    const std::time_t time = seconds;
    std::tm utc{};
    ASSERT_NE(gmtime_r(&time, &utc), nullptr);
    char expected[64];
    std::snprintf(expected, sizeof expected, "%s, %02d %s %04d %02d:%02d:%02d GMT",
                  kWeekdayName[static_cast<std::size_t>((utc.tm_wday + 6) % 7)].data(), utc.tm_mday,
                  kMonthName[static_cast<std::size_t>(utc.tm_mon + 1)].data(), utc.tm_year + 1900,
                  utc.tm_hour, utc.tm_min, utc.tm_sec);
    ASSERT_EQ(format_date(seconds), expected);
    ASSERT_EQ(parse_date(expected), seconds);
  }
}

class LogDate : public testing::Test {
 protected:
  void SetUp() override {
    setenv("TZ", "XYZ-2", 1);  // two hours east of Greenwich
    tzset();
  }
  void TearDown() override {
    unsetenv("TZ");
    tzset();
  }
};

TEST_F(LogDate, HT_097_is_local_time_with_english_months) {
  EXPECT_EQ(log_date(0), "01/Jan/1970 02:00:00");
  EXPECT_EQ(log_date(kMoment), "02/Jan/2020 05:04:05");
}

TEST_F(LogDate, unrepresentable_years_throw) {
  EXPECT_THROW(static_cast<void>(log_date(std::numeric_limits<std::int64_t>::max())),
               std::out_of_range);
  EXPECT_THROW(static_cast<void>(log_date(300000000000)), std::out_of_range);
}

TEST(ParseDate, HT_152_reads_what_format_date_writes) {
  EXPECT_EQ(parse_date("Thu, 02 Jan 2020 03:04:05 GMT"), kMoment);
  EXPECT_EQ(parse_date("Thu, 02 Jan 2020 03:04:04 GMT"), kMoment - 1);
}

TEST(ParseDate, HT_154_reads_the_older_forms_and_the_names_of_utc) {
  for (const char* text :
       {"Thursday, 02-Jan-20 03:04:05 GMT", "Thu, 02-Jan-2020 03:04:05 GMT",
        "Thu Jan  2 03:04:05 2020", "Thu Jan 2 03:04:05 2020", "Thu Jan 02 03:04:05 2020",
        "Thu, 02 Jan 2020 03:04:05 -0000", "Thu, 02 Jan 2020 03:04:05 +0000",
        "Thu, 02 Jan 2020 03:04:05 UTC", "Thu, 02 Jan 2020 03:04:05 UT",
        "Thu, 02 Jan 2020 03:04:05 Z", "Thu, 02 Jan 2020 03:04:05", "02 Jan 2020 03:04:05 GMT",
        "2 Jan 2020 03:04:05", "thu, 02 jan 2020 03:04:05 gmt",
        "\t Thu,  02  Jan  2020  03:04:05  GMT "}) {
    EXPECT_EQ(parse_date(text), kMoment) << text;
  }
}

TEST(ParseDate, HT_155_converts_other_zones) {
  for (const char* text : {"Thu, 02 Jan 2020 05:04:05 +0200", "Thu, 02 Jan 2020 08:34:05 +0530",
                           "Wed, 01 Jan 2020 23:34:05 -0330", "Wed, 01 Jan 2020 22:04:05 EST",
                           "Wed, 01 Jan 2020 23:04:05 EDT", "Wed, 01 Jan 2020 21:04:05 CST",
                           "Wed, 01 Jan 2020 22:04:05 CDT", "Wed, 01 Jan 2020 20:04:05 MST",
                           "Wed, 01 Jan 2020 21:04:05 MDT", "Wed, 01 Jan 2020 19:04:05 PST",
                           "Wed, 01 Jan 2020 20:04:05 PDT"}) {
    EXPECT_EQ(parse_date(text), kMoment) << text;
  }
}

TEST(ParseDate, two_digit_years_turn_at_69) {
  EXPECT_EQ(parse_date("Thursday, 01-Jan-70 00:00:00 GMT"), 0);
  EXPECT_EQ(parse_date("Wednesday, 01-Jan-69 00:00:00 GMT"), -365 * 86400);
  EXPECT_EQ(parse_date("Sunday, 01-Jan-68 00:00:00 GMT"), 3092601600);
}

TEST(ParseDate, a_leap_second_is_the_next_minute) {
  EXPECT_EQ(parse_date("Sat, 31 Dec 2016 23:59:60 GMT"),
            parse_date("Sun, 01 Jan 2017 00:00:00 GMT"));
}

TEST(ParseDate, HT_156_junk_is_no_date) {
  for (const char* text : {"",
                           " ",
                           "yesterday",
                           "0",
                           "1577934245",
                           "Thu",
                           "Thu,",
                           "Thu, 42 Jan 2020 03:04:05 GMT",
                           "Thu, 00 Jan 2020 03:04:05 GMT",
                           "Sat, 30 Feb 2020 03:04:05 GMT",
                           "Sat, 29 Feb 2100 03:04:05 GMT",
                           "Thu, 02 Jan 99999 03:04:05 GMT",
                           "Thu, 02 Jan 020 03:04:05 GMT",
                           "Thu, 02 Jan 2 03:04:05 GMT",
                           "Thu, 02 Foo 2020 03:04:05 GMT",
                           "Foo, 02 Jan 2020 03:04:05 GMT",
                           "Thu02 Jan 2020 03:04:05 GMT",
                           "Thu,02 Jan 2020 03:04:05 GMT",
                           "Thu, 02Jan 2020 03:04:05 GMT",
                           "Thu, 02 Jan2020 03:04:05 GMT",
                           "Thu, 02 Jan 202003:04:05 GMT",
                           "Thu, 02 Jan 2020 24:04:05 GMT",
                           "Thu, 02 Jan 2020 03:60:05 GMT",
                           "Thu, 02 Jan 2020 03:04:61 GMT",
                           "Thu, 02 Jan 2020 3:04:05 GMT",
                           "Thu, 02 Jan 2020 03:04 GMT",
                           "Thu, 02 Jan 2020 03:04:05 XYZ",
                           "Thu, 02 Jan 2020 03:04:05 +02",
                           "Thu, 02 Jan 2020 03:04:05 +2400",
                           "Thu, 02 Jan 2020 03:04:05 +0260",
                           "Thu, 02 Jan 2020 03:04:05 +02:00",
                           "Thu, 02 Jan 2020 03:04:05 GMT x",
                           "Thu, 02 Jan 2020 03:04:05 GMT; length=5",
                           "Thu, 02 Jan 2020 03:04:05.5 GMT",
                           "Thu Jan  2 03:04:05 20",
                           "Thu Jan  2 03:04:05 2020 GMT",
                           "Jan  2 03:04:05 2020",
                           "99999999999999999999 Jan 2020 03:04:05 GMT",
                           "-1 Jan 2020 03:04:05 GMT"}) {
    EXPECT_EQ(parse_date(text), std::nullopt) << text;
  }
}

TEST(Names, english_weekdays_from_monday_and_months_from_1) {
  EXPECT_EQ(kWeekdayName[0], "Mon");
  EXPECT_EQ(kWeekdayName[6], "Sun");
  EXPECT_EQ(kMonthName[0], "");
  EXPECT_EQ(kMonthName[1], "Jan");
  EXPECT_EQ(kMonthName[12], "Dec");
}

}  // namespace
}  // namespace socketserver::http
