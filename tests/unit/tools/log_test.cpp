#include <gtest/gtest.h>

#include "log.hpp"

namespace socketserver::tool {
namespace {

TEST(ColoredLog, statuses) {
  EXPECT_EQ(colored(LogLevel::info, "a \"GET / HTTP/1.1\" 200 -"),
            "a \"GET / HTTP/1.1\" \x1b[32m200\x1b[0m -");
  EXPECT_EQ(colored(LogLevel::info, "\"\" 301 5"), "\"\" \x1b[36m301\x1b[0m 5");
  EXPECT_EQ(colored(LogLevel::info, "\"\" 404 5"), "\"\" \x1b[33m404\x1b[0m 5");
  EXPECT_EQ(colored(LogLevel::info, "\"\" 503"), "\"\" \x1b[31m503\x1b[0m");
}

TEST(ColoredLog, what_has_none) {
  for (const char* line : {"", "\"", "\" ", "\" 20", "\" abc", "code 404, message x"}) {
    EXPECT_EQ(colored(LogLevel::info, line), line);
  }
}

TEST(ColoredLog, levels) {
  EXPECT_EQ(colored(LogLevel::warning, "x"), "\x1b[33mx\x1b[0m");
  EXPECT_EQ(colored(LogLevel::error, "x"), "\x1b[31mx\x1b[0m");
}

}  // namespace
}  // namespace socketserver::tool
