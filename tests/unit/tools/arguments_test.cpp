#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "arguments.hpp"

namespace socketserver::tool {
namespace {

using namespace std::chrono_literals;

TEST(Arguments, sizes) {
  EXPECT_EQ(parse_size("--x", "0"), 0);
  EXPECT_EQ(parse_size("--x", "512"), 512);
  EXPECT_EQ(parse_size("--x", "512B"), 512);
  EXPECT_EQ(parse_size("--x", "64K"), 65536);
  EXPECT_EQ(parse_size("--x", "64k"), 65536);
  EXPECT_EQ(parse_size("--x", "64KiB"), 65536);
  EXPECT_EQ(parse_size("--x", "10M"), 10485760);
  EXPECT_EQ(parse_size("--x", "2G"), 2147483648);
  for (const char* text : {"", "K", "-1", "+1", "1.5M", "1 K", "1T", "0x10", " 1", "1 ",
                           "99999999999999999999", "9223372036854775808", "9007199254740993G"}) {
    EXPECT_THROW(parse_size("--x", text), CLI::ValidationError) << text;
  }
}

TEST(Arguments, spans_of_time) {
  EXPECT_EQ(parse_duration("--x", "0"), 0s);
  EXPECT_EQ(parse_duration("--x", "10"), 10s);
  EXPECT_EQ(parse_duration("--x", "10s"), 10s);
  EXPECT_EQ(parse_duration("--x", "500ms"), 500ms);
  EXPECT_EQ(parse_duration("--x", "5m"), 5min);
  EXPECT_EQ(parse_duration("--x", "2h"), 2h);
  for (const char* text : {"", "s", "-1s", "1.5s", "1 s", "1d", "10S", "18446744073709551615s"}) {
    EXPECT_THROW(parse_duration("--x", text), CLI::ValidationError) << text;
  }
}

TEST(Arguments, numbers) {
  EXPECT_EQ(parse_number("--x", "1", 1, 3), 1);
  EXPECT_EQ(parse_number("--x", "3", 1, 3), 3);
  for (const char* text : {"0", "4", "", "x", "1x", "-1", "99999999999999999999"}) {
    EXPECT_THROW(parse_number("--x", text, 1, 3), CLI::ValidationError) << text;
  }
  EXPECT_EQ(parse_port("65535"), 65535);
  EXPECT_THROW(parse_port("65536"), CLI::ValidationError);
}

TEST(Arguments, messages_name_the_option_and_the_value) {
  try {
    parse_size("--max-body", "12Q");
    FAIL();
  } catch (const CLI::ValidationError& error) {
    EXPECT_EQ(std::string(error.what()),
              "--max-body: must be a size such as 512, 64K or 10M, not \"12Q\"");
  }
}

TEST(Arguments, what_is_refused_at_once) {
  CLI::App program;
  std::string size;
  check_at_once(program.add_option("-s,--size", size), parse_size);
  EXPECT_NO_THROW(program.parse("--size=1K"));
  EXPECT_NO_THROW(program.parse(std::vector<std::string>{"", "--size"}));
  try {
    program.parse("--size=10kb");
    FAIL();
  } catch (const CLI::ValidationError& error) {
    EXPECT_EQ(std::string(error.what()),
              "--size: must be a size such as 512, 64K or 10M, not \"10kb\"");
  }
}

TEST(Arguments, pairs) {
  EXPECT_EQ(parse_pair("--x", "a=b=c", '='), (std::pair<std::string, std::string>("a", "b=c")));
  for (const char* text : {"", "=", "a=", "=b", "ab"}) {
    EXPECT_THROW(parse_pair("--x", text, '='), CLI::ValidationError) << text;
  }
}

}  // namespace
}  // namespace socketserver::tool
