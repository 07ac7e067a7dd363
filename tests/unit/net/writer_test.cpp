#include <socketserver/net/writer.hpp>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include <socketserver/base/error.hpp>
#include <socketserver/base/unique_fd.hpp>
#include <socketserver/testing/faulty_stream.hpp>

namespace socketserver {
namespace {

using testing::FaultyStream;

/// A file in memory.
UniqueFd file_of(std::string_view content) {
  UniqueFd fd(::memfd_create("content", MFD_CLOEXEC));
  EXPECT_EQ(::write(fd.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  return fd;
}

TEST(Writer, SS_101_unbuffered_writes_are_on_their_way_at_once) {
  FaultyStream stream({});
  Writer writer(stream);
  EXPECT_EQ(writer.write("abc"), 3u);
  EXPECT_EQ(stream.output(), "abc");
  EXPECT_EQ(writer.write(""), 0u);
  EXPECT_EQ(stream.operations(), 1u);
}

TEST(Writer, no_write_is_partial) {
  const std::string text = "a text that takes many writes";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) {
    for (const std::size_t buffer_size : {0u, 1u, 5u, 100u}) {
      FaultyStream stream({.write_piece = piece});
      Writer writer(stream, buffer_size);
      EXPECT_EQ(writer.write(text.substr(0, 4)), 4u);
      EXPECT_EQ(writer.write(text.substr(4, 1)), 1u);
      EXPECT_EQ(writer.write(text.substr(5)), text.size() - 5);
      writer.flush();
      ASSERT_EQ(stream.output(), text) << "pieces of " << piece << ", buffer of " << buffer_size;
    }
  }
}

TEST(Writer, SS_103_buffered_writes_wait_for_the_flush) {
  FaultyStream stream({});
  Writer writer(stream, 8);
  writer.write("1234");
  writer.write("5678");
  EXPECT_EQ(stream.operations(), 0u);
  writer.flush();
  EXPECT_EQ(stream.output(), "12345678");
  writer.flush();
  EXPECT_EQ(stream.operations(), 1u) << "nothing to flush, nothing written";
}

TEST(Writer, what_does_not_fit_leaves_with_what_was_gathered) {
  FaultyStream stream({});
  Writer writer(stream, 8);
  writer.write("1234");
  writer.write("56789");
  EXPECT_EQ(stream.output(), "123456789");
  EXPECT_EQ(stream.operations(), 1u);
}

TEST(Writer, throws_at_every_operation_that_fails) {
  for (const std::size_t buffer_size : {0u, 3u, 100u}) {
    bool failed = true;
    for (std::size_t n = 1; failed; ++n) {
      FaultyStream stream({.write_piece = 2,
                           .failing_operation = n,
                           .failure = std::make_error_code(std::errc::broken_pipe)});
      Writer writer(stream, buffer_size);
      failed = false;
      try {
        writer.write("abcd");
        writer.write("efg");
        writer.flush();
        EXPECT_EQ(stream.output(), "abcdefg");
      } catch (const OSError& error) {
        failed = true;
        EXPECT_STREQ(error.what(), "write: Broken pipe");
      }
      ASSERT_EQ(failed, stream.operations() >= n);
    }
  }
}

TEST(Writer, a_failed_write_is_not_sent_again_by_the_next_flush) {
  // A handler's `finish` flushes after any failure: the client must not see bytes twice.
  FaultyStream stream({.write_piece = 4,
                       .failing_operation = 2,
                       .failure = std::make_error_code(std::errc::timed_out)});
  Writer writer(stream, 8);
  writer.write("12345678");
  EXPECT_THROW(writer.flush(), TimeoutError);
  writer.flush();
  EXPECT_EQ(stream.output(), "1234");
}

TEST(Writer, prints_text_and_integers) {
  FaultyStream stream({});
  Writer writer(stream);
  writer << "text " << std::string("string ") << 'c' << ' ' << -7 << ' ' << std::uint64_t{1} << ' '
         << std::numeric_limits<std::int64_t>::min() << ' '
         << std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(stream.output(), "text string c -7 1 -9223372036854775808 18446744073709551615");
}

template <class T>
concept Printable = requires(Writer& writer, T value) { writer << value; };

TEST(Writer, prints_nothing_that_would_be_taken_for_a_character) {
  static_assert(Printable<int> && Printable<char> && Printable<const char*>);
  static_assert(!Printable<bool> && !Printable<double> && !Printable<void*>);
}

TEST(Writer, closed_it_refuses_and_drops) {
  FaultyStream stream({});
  Writer writer(stream, 8);
  writer.write("lost");
  writer.close();
  EXPECT_TRUE(writer.closed());
  EXPECT_THROW(writer.write("x"), std::logic_error);
  EXPECT_THROW(writer.flush(), std::logic_error);
  EXPECT_EQ(stream.operations(), 0u);
  writer.close();
}

TEST(Writer, sendfile_copies_where_the_sink_cannot_do_better) {
  const std::string content(100'000, 'x');
  const UniqueFd file = file_of(content);
  for (const std::size_t piece : {777u, 16'384u, 1'000'000u}) {
    FaultyStream stream({.write_piece = piece});
    Writer writer(stream, 64);
    writer.write("head ");
    EXPECT_EQ(writer.sendfile(file.get(), 0, content.size()), content.size());
    EXPECT_EQ(stream.output(), "head " + content);
  }
}

TEST(Writer, sendfile_sends_the_range_that_was_asked_for) {
  const UniqueFd file = file_of("0123456789");
  FaultyStream stream({});
  Writer writer(stream);
  EXPECT_EQ(writer.sendfile(file.get(), 3, 4), 4u);
  EXPECT_EQ(stream.output(), "3456");
  EXPECT_EQ(writer.sendfile(file.get(), 8, 100), 2u) << "the file ends first";
  EXPECT_EQ(writer.sendfile(file.get(), 10, 1), 0u);
  EXPECT_EQ(writer.sendfile(file.get(), 0, 0), 0u);
  EXPECT_EQ(stream.output(), "345689");
  EXPECT_EQ(::lseek(file.get(), 0, SEEK_CUR), 10) << "the file's own position moved";
}

TEST(Writer, sendfile_reports_what_fails) {
  const UniqueFd file = file_of("0123456789");
  FaultyStream stream({.bytes_before_failure = 4});
  Writer writer(stream);
  EXPECT_THROW(writer.sendfile(file.get(), 0, 10), OSError);
  EXPECT_EQ(stream.output(), "0123");
  FaultyStream healthy({});
  EXPECT_THROW(Writer(healthy).sendfile(-1, 0, 10), OSError);
}

/// Takes one byte at a time and notes when each write would have to be done.
class SlowSink : public ByteSink {
 public:
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override {
    expired.push_back(deadline.expired());
    return {parts.empty() ? 0u : 1u, {}};
  }
  std::vector<bool> expired;
};

TEST(Writer, a_timeout_of_zero_has_passed_before_the_first_byte) {
  SlowSink sink;
  Writer writer(sink);
  writer.set_timeout(Duration::zero());
  writer.write("ab");
  EXPECT_EQ(sink.expired, (std::vector{true, true})) << "the sink is asked to try once";
  writer.set_timeout(std::nullopt);
  writer.write("c");
  EXPECT_FALSE(sink.expired.back());
}

}  // namespace
}  // namespace socketserver
