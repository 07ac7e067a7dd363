#include "server/refusal_report.hpp"

#include <gtest/gtest.h>

namespace socketserver::detail {
namespace {

TEST(RefusalReport, the_first_at_once_and_the_others_together) {
  RefusalReport report("max_cats");
  EXPECT_EQ(report.take(), std::nullopt);
  EXPECT_TRUE(report.next().is_never());

  report.count("a");
  EXPECT_TRUE(report.next().expired());
  EXPECT_EQ(report.take(), "max_cats: 1 refused, the last one from a");
  EXPECT_EQ(report.take(), std::nullopt);
  EXPECT_TRUE(report.next().is_never());

  report.count("b");
  report.count("c");
  EXPECT_FALSE(report.next().is_never());
  EXPECT_EQ(report.take(true), "max_cats: 2 refused, the last one from c");
  EXPECT_EQ(report.take(true), std::nullopt);
}

}  // namespace
}  // namespace socketserver::detail
