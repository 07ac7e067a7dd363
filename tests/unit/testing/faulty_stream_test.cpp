#include <socketserver/testing/faulty_stream.hpp>

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

namespace socketserver::testing {
namespace {

/// Reads with a large buffer until the end or an error, one string per read.
std::vector<std::string> reads(FaultyStream& stream) {
  std::vector<std::string> pieces;
  std::array<char, 64> block;
  for (;;) {
    const IoResult result = stream.read_some(block, Deadline::never());
    if (result.ec || result.n == 0) return pieces;
    pieces.emplace_back(block.data(), result.n);
  }
}

IoResult write(FaultyStream& stream, std::string_view text) {
  return stream.write_some({&text, 1}, Deadline::never());
}

using Pieces = std::vector<std::string>;

TEST(FaultyStream, reads_its_script_then_the_end) {
  FaultyStream stream({.input = "abcdef"});
  EXPECT_EQ(stream.unread(), "abcdef");
  EXPECT_EQ(reads(stream), Pieces{"abcdef"});
  EXPECT_EQ(stream.unread(), "");
  EXPECT_EQ(stream.operations(), 2u);
}

TEST(FaultyStream, reads_in_pieces) {
  FaultyStream stream({.input = "abcdef", .read_piece = 4});
  EXPECT_EQ(reads(stream), (Pieces{"abcd", "ef"}));
}

TEST(FaultyStream, reads_no_further_than_there_is_room) {
  FaultyStream stream({.input = "abcdef"});
  std::array<char, 2> block;
  EXPECT_EQ(stream.read_some(block, Deadline::never()).n, 2u);
  EXPECT_EQ(stream.unread(), "cdef");
}

TEST(FaultyStream, no_read_goes_across_the_cut) {
  for (std::size_t cut = 1; cut < 6; ++cut) {
    const std::string input = "abcdef";
    FaultyStream stream({.input = input, .cut = cut});
    EXPECT_EQ(reads(stream), (Pieces{input.substr(0, cut), input.substr(cut)}));
  }
}

TEST(FaultyStream, records_what_is_written) {
  FaultyStream stream({});
  const std::array<std::string_view, 3> parts = {"one ", "", "two"};
  EXPECT_EQ(stream.write_some(parts, Deadline::never()).n, 7u);
  EXPECT_EQ(write(stream, "!").n, 1u);
  EXPECT_EQ(stream.output(), "one two!");
}

TEST(FaultyStream, writes_in_pieces_across_parts) {
  FaultyStream stream({.write_piece = 5});
  const std::array<std::string_view, 2> parts = {"one ", "two"};
  EXPECT_EQ(stream.write_some(parts, Deadline::never()).n, 5u);
  EXPECT_EQ(stream.output(), "one t");
}

TEST(FaultyStream, fails_at_one_operation) {
  FaultyStream stream({.input = "ab",
                       .read_piece = 1,
                       .failing_operation = 2,
                       .failure = std::make_error_code(std::errc::timed_out)});
  EXPECT_FALSE(write(stream, "x").ec);
  std::array<char, 8> block;
  const IoResult failed = stream.read_some(block, Deadline::never());
  EXPECT_EQ(failed.ec, std::errc::timed_out);
  EXPECT_EQ(failed.n, 0u);
  EXPECT_EQ(reads(stream), (Pieces{"a", "b"})) << "only that one";
}

TEST(FaultyStream, fails_for_good_after_so_many_bytes) {
  FaultyStream stream({.input = "abcdef", .bytes_before_failure = 4});
  std::array<char, 3> block;
  EXPECT_EQ(stream.read_some(block, Deadline::never()).n, 3u);
  EXPECT_EQ(write(stream, "xyz").n, 1u);
  EXPECT_EQ(write(stream, "yz").ec, std::errc::connection_reset);
  EXPECT_EQ(stream.read_some(block, Deadline::never()).ec, std::errc::connection_reset);
  EXPECT_EQ(stream.output(), "x");
}

TEST(FaultyStream, refuses_writes_after_shutdown) {
  FaultyStream stream({.input = "still read"});
  EXPECT_FALSE(stream.is_write_shut());
  stream.shutdown_write();
  EXPECT_TRUE(stream.is_write_shut());
  EXPECT_EQ(write(stream, "x").ec, std::errc::broken_pipe);
  EXPECT_EQ(reads(stream), Pieces{"still read"});
}

TEST(FaultyStream, has_no_descriptor) {
  EXPECT_EQ(FaultyStream({}).fileno(), -1);
}

TEST(FaultyStream, refuses_pieces_of_nothing) {
  EXPECT_THROW(FaultyStream({.read_piece = 0}), std::invalid_argument);
  EXPECT_THROW(FaultyStream({.write_piece = 0}), std::invalid_argument);
}

}  // namespace
}  // namespace socketserver::testing
