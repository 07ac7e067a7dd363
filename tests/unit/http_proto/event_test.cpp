#include <gtest/gtest.h>

#include <chrono>
#include <socketserver/http/proto/event.hpp>
#include <stdexcept>
#include <string>

namespace socketserver::http {
namespace {

using namespace std::chrono_literals;

TEST(FormatEvent, has_data) {
  EXPECT_EQ(format_event({.data = "hello"}), "data: hello\n\n");
  EXPECT_EQ(format_event({.data = ""}), "data: \n\n");
}

TEST(FormatEvent, splits_lines_however_they_end) {
  EXPECT_EQ(format_event({.data = "a\nb\r\nc\rd"}), "data: a\ndata: b\ndata: c\ndata: d\n\n");
  EXPECT_EQ(format_event({.data = "a\n"}), "data: a\ndata: \n\n");
  EXPECT_EQ(format_event({.data = "\n\r"}), "data: \ndata: \ndata: \n\n");
  // What looks like a field of its own stays data.
  EXPECT_EQ(format_event({.data = "a\nid: 7"}), "data: a\ndata: id: 7\n\n");
}

TEST(FormatEvent, has_name_id_and_retry) {
  EXPECT_EQ(format_event({.data = "x", .event = "tick", .id = "7", .retry = 1500ms}),
            "event: tick\nid: 7\nretry: 1500\ndata: x\n\n");
  EXPECT_EQ(format_event({.data = "x", .id = ""}), "id: \ndata: x\n\n");
}

TEST(FormatEvent, names_and_ids_are_one_line) {
  for (const std::string& text : {std::string("a\nb"), std::string("\r"), std::string("\0", 1)}) {
    EXPECT_THROW(static_cast<void>(format_event({.data = "", .event = text})),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(format_event({.data = "", .id = text})), std::invalid_argument);
  }
  EXPECT_THROW(static_cast<void>(format_event({.data = "", .retry = -1ms})), std::invalid_argument);
}

TEST(FormatEvent, comments_have_lines_too) {
  EXPECT_EQ(format_event_comment(""), ": \n\n");
  EXPECT_EQ(format_event_comment("a\nb"), ": a\n: b\n\n");
}

}  // namespace
}  // namespace socketserver::http
