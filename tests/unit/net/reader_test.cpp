#include <socketserver/net/reader.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/net/waiter.hpp>
#include <socketserver/testing/faulty_stream.hpp>

namespace socketserver {
namespace {

using namespace std::chrono_literals;
using testing::FaultyStream;

/// One way of reading the whole of kInput, and what it must give however the input falls into
/// pieces.
struct WayOfReading {
  const char* what;
  std::function<std::string(Reader&)> read;
  std::string expected;
};

const std::string kInput = "first\n\nthird line\r\nrest without end";

std::string joined_lines(Reader& reader, std::size_t limit) {
  std::string all;
  while (auto line = reader.readline(limit)) all += '[' + *line + ']';
  return all;
}

const std::vector<WayOfReading>& ways_of_reading() {
  static const std::vector<WayOfReading> ways = {
      {"readline", [](Reader& r) { return joined_lines(r, Reader::kLineLimit); },
       "[first\n][\n][third line\r\n][rest without end]"},
      {"readline with a limit", [](Reader& r) { return joined_lines(r, 5); },
       "[first][\n][\n][third][ line][\r\n][rest ][witho][ut en][d]"},
      {"iteration",
       [](Reader& r) {
         std::string all;
         for (const std::string& line : r) all += '[' + line + ']';
         return all;
       },
       "[first\n][\n][third line\r\n][rest without end]"},
      {"read",
       [](Reader& r) {
         std::string all;
         for (std::string piece = r.read(7); !piece.empty(); piece = r.read(7))
           all += '[' + piece + ']';
         return all;
       },
       "[first\n\n][third l][ine\r\nre][st with][out end]"},
      {"read more than there is", [](Reader& r) { return r.read(1000); }, kInput},
      {"read_all", [](Reader& r) { return r.read_all(kInput.size()); }, kInput},
      {"readinto",
       [](Reader& r) {
         std::array<char, 8> into;
         std::string all;
         while (const std::size_t n = r.readinto(into)) {
           all += '[' + std::string(into.data(), n) + ']';
         }
         return all;
       },
       "[first\n\nt][hird lin][e\r\nrest ][without ][end]"},
      {"read_some",
       [](Reader& r) {
         std::string all;
         for (std::string s = r.read_some(4); !s.empty(); s = r.read_some(4)) all += s;
         return all;
       },
       kInput},
      {"peek",
       [](Reader& r) {
         std::string all;
         for (char c; !r.peek().empty(); all += c) {
           c = r.peek().front();
           r.consume(1);
         }
         return all;
       },
       kInput},
      {"one after the other",
       [](Reader& r) {
         std::string all = r.readline().value_or("") + '|';
         all += r.read(3) + '|';
         return all += r.read_all(1000);
       },
       "first\n|\nth|ird line\r\nrest without end"},
  };
  return ways;
}

TEST(Reader, reads_the_same_at_every_cut_point) {
  for (const WayOfReading& way : ways_of_reading()) {
    for (std::size_t cut = 0; cut <= kInput.size(); ++cut) {
      for (const std::size_t buffer_size : {1u, 2u, 7u, 8192u}) {
        FaultyStream stream({.input = kInput, .cut = cut});
        Reader reader(stream, buffer_size);
        ASSERT_EQ(way.read(reader), way.expected)
            << way.what << ", cut at " << cut << ", buffer of " << buffer_size;
      }
    }
  }
}

TEST(Reader, reads_the_same_in_pieces_of_every_size) {
  for (const WayOfReading& way : ways_of_reading()) {
    for (std::size_t piece = 1; piece <= kInput.size(); ++piece) {
      FaultyStream stream({.input = kInput, .read_piece = piece});
      Reader reader(stream);
      ASSERT_EQ(way.read(reader), way.expected) << way.what << ", pieces of " << piece;
    }
  }
}

TEST(Reader, throws_at_every_operation_that_fails) {
  for (const WayOfReading& way : ways_of_reading()) {
    bool failed = true;
    for (std::size_t n = 1; failed; ++n) {
      FaultyStream stream({.input = kInput, .read_piece = 4, .failing_operation = n});
      Reader reader(stream, 4);
      try {
        ASSERT_EQ(way.read(reader), way.expected) << way.what;
        failed = false;
      } catch (const OSError& error) {
        ASSERT_EQ(error.code(), std::errc::connection_reset) << way.what;
        ASSERT_STREQ(error.what(), "read: Connection reset by peer");
        ASSERT_EQ(stream.operations(), n) << way.what << " went on after the failure";
      }
      ASSERT_EQ(failed, stream.operations() == n) << way.what << " swallowed failure " << n;
    }
  }
}

TEST(Reader, SS_105_nothing_can_be_read_after_a_timeout) {
  for (const WayOfReading& way : ways_of_reading()) {
    FaultyStream stream({.input = kInput,
                         .read_piece = 3,
                         .failing_operation = 2,
                         .failure = std::make_error_code(std::errc::timed_out)});
    Reader reader(stream);
    EXPECT_THROW(way.read(reader), TimeoutError) << way.what;
    try {
      way.read(reader);
      ADD_FAILURE() << way.what << " read on";
    } catch (const TimeoutError&) {
      ADD_FAILURE() << way.what << " waited again";
    } catch (const OSError& error) {
      EXPECT_STREQ(error.what(), "read after a timeout: Input/output error");
    }
  }
}

TEST(Reader, the_end_stays_the_end) {
  FaultyStream stream({.input = "x"});
  Reader reader(stream);
  EXPECT_EQ(reader.readline(), "x");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(reader.readline(), std::nullopt);
    EXPECT_EQ(reader.read(5), "");
    EXPECT_EQ(reader.read_some(5), "");
    EXPECT_EQ(reader.read_all(5), "");
    EXPECT_EQ(reader.peek(), "");
  }
}

TEST(Reader, a_line_longer_than_the_limit_comes_in_pieces) {
  const std::string line(Reader::kLineLimit + 3, 'x');
  FaultyStream stream({.input = line + '\n'});
  Reader reader(stream);
  EXPECT_EQ(reader.readline()->size(), Reader::kLineLimit);
  EXPECT_EQ(reader.readline(), "xxx\n");
  EXPECT_EQ(reader.readline(), std::nullopt);
}

TEST(Reader, a_line_of_exactly_the_limit_is_whole) {
  FaultyStream stream({.input = "abc\ndef\n"});
  Reader reader(stream);
  EXPECT_EQ(reader.readline(4), "abc\n");
  EXPECT_EQ(reader.readline(3), "def");
  EXPECT_EQ(reader.readline(3), "\n");
  EXPECT_EQ(reader.readline(3), std::nullopt);
}

TEST(Reader, a_line_holds_any_byte) {
  const std::string bytes("\0\xff\r\x80\n", 5);
  FaultyStream stream({.input = bytes});
  Reader reader(stream);
  EXPECT_EQ(reader.readline(), bytes);
}

TEST(Reader, reading_nothing_touches_nothing) {
  FaultyStream stream({.input = "x"});
  Reader reader(stream);
  EXPECT_EQ(reader.read(0), "");
  EXPECT_EQ(reader.read_some(0), "");
  EXPECT_EQ(reader.readline(0), "");
  EXPECT_EQ(reader.readinto({}), 0u);
  EXPECT_EQ(stream.operations(), 0u);
}

TEST(Reader, read_some_returns_what_there_is) {
  FaultyStream stream({.input = "abcdef", .read_piece = 4});
  Reader reader(stream);
  EXPECT_EQ(reader.read_some(100), "abcd");
  EXPECT_EQ(reader.read_some(1), "e");
  EXPECT_EQ(reader.read_some(100), "f");
}

TEST(Reader, read_all_refuses_more_than_its_limit) {
  FaultyStream exact({.input = "12345"});
  EXPECT_EQ(Reader(exact).read_all(5), "12345");
  FaultyStream longer({.input = "123456", .read_piece = 2});
  Reader reader(longer);
  try {
    reader.read_all(5);
    FAIL();
  } catch (const OSError& error) {
    EXPECT_EQ(error.code(), std::errc::message_size);
  }
}

TEST(Reader, fill_adds_to_what_a_parser_has_not_consumed) {
  FaultyStream stream({.input = "abcdefgh", .read_piece = 3});
  Reader reader(stream, 4);
  EXPECT_EQ(reader.buffered(), "");
  EXPECT_EQ(reader.fill(Deadline::never()).n, 3u);
  EXPECT_EQ(reader.buffered(), "abc");
  reader.consume(1);
  EXPECT_EQ(reader.fill(Deadline::never()).n, 2u) << "the buffer has room for two";
  EXPECT_EQ(reader.buffered(), "bcde");
  EXPECT_EQ(reader.fill(Deadline::never()).n, 3u) << "a full buffer grows";
  EXPECT_EQ(reader.buffered(), "bcdefgh");
  const IoResult end = reader.fill(Deadline::never());
  EXPECT_EQ(end.n, 0u);
  EXPECT_FALSE(end.ec);
  EXPECT_EQ(reader.buffered(), "bcdefgh");
}

TEST(Reader, a_failed_fill_is_a_value_and_keeps_what_is_buffered) {
  FaultyStream stream({.input = "abcdef", .read_piece = 3, .failing_operation = 2});
  Reader reader(stream);
  EXPECT_FALSE(reader.fill(Deadline::never()).ec);
  EXPECT_EQ(reader.fill(Deadline::never()).ec, std::errc::connection_reset);
  EXPECT_EQ(reader.buffered(), "abc");
  EXPECT_EQ(reader.read(6), "abcdef");
}

TEST(Reader, unbuffered_reading_drains_the_buffer_first) {
  FaultyStream stream({.input = "abcdef", .read_piece = 3});
  Reader reader(stream);
  EXPECT_EQ(reader.read(1), "a");
  std::array<char, 16> into;
  EXPECT_EQ(reader.read_some(into, Deadline::never()).n, 2u);
  EXPECT_EQ(std::string(into.data(), 2), "bc");
  EXPECT_EQ(reader.read_some(into, Deadline::never()).n, 3u);
  EXPECT_EQ(std::string(into.data(), 3), "def");
  EXPECT_EQ(reader.read_some(into, Deadline::never()).n, 0u);
}

/// Gives one byte every `pause` and notes how much time each read had left when it began.
class TricklingSource : public ByteSource {
 public:
  explicit TricklingSource(Duration pause) : pause_(pause) {}

  IoResult read_some(std::span<char> into, Deadline deadline) override {
    left.push_back(deadline.remaining());
    // −1 is never ready: this waits for the deadline alone.
    const Deadline byte_comes = Deadline::after(pause_);
    const auto ec =
        Waiter::thread().wait(-1, Interest::read, Deadline::earlier(deadline, byte_comes), false);
    if (!byte_comes.expired()) return {0, ec};
    into.front() = 'x';
    return {1, {}};
  }

  std::vector<Duration> left;

 private:
  Duration pause_;
};

TEST(Reader, a_timeout_counts_from_the_call) {
  TricklingSource source(20ms);
  Reader reader(source);
  reader.set_timeout(10s);
  EXPECT_EQ(reader.read(3), "xxx");
  ASSERT_EQ(source.left.size(), 3u);
  EXPECT_LE(source.left[1], source.left[0] - 20ms);
  EXPECT_LE(source.left[2], source.left[1] - 20ms);
  reader.set_timeout(50ms);
  EXPECT_THROW(reader.read(1000), TimeoutError) << "a trickle must not keep an operation alive";
}

TEST(Reader, a_timeout_may_count_from_the_last_byte) {
  TricklingSource source(20ms);
  Reader reader(source);
  reader.set_timeout(10s, TimeoutFrom::progress);
  EXPECT_EQ(reader.read(5), "xxxxx");
  // Counted from the call, each byte would find at least 20 ms less than the one before.
  const auto counted_from_call = [](Duration before, Duration after) {
    return after <= before - 20ms;
  };
  EXPECT_NE(std::ranges::adjacent_find(source.left, std::not_fn(counted_from_call)),
            source.left.end());
}

TEST(Reader, silence_times_out_however_it_counts) {
  for (const TimeoutFrom from : {TimeoutFrom::call, TimeoutFrom::progress}) {
    TricklingSource source(1h);
    Reader reader(source);
    reader.set_timeout(10ms, from);
    EXPECT_THROW(reader.readline(), TimeoutError);
  }
}

}  // namespace
}  // namespace socketserver
