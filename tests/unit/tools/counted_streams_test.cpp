#include "counted_streams.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include <socketserver/base/error.hpp>
#include <socketserver/base/unique_fd.hpp>

namespace socketserver::tool {
namespace {

/// Keeps what it is sent, or fails.
class Sink : public ByteSink {
 public:
  IoResult write_some(std::span<const std::string_view> parts, Deadline /*deadline*/) override {
    if (fails) return {0, std::make_error_code(std::errc::broken_pipe)};
    taken += parts.front();
    return {parts.front().size(), {}};
  }
  std::error_code flush(Deadline /*deadline*/) override {
    ++flushes;
    return {};
  }
  int fileno() const noexcept override { return 7; }

  std::string taken;
  int flushes = 0;
  bool fails = false;
};

class Source : public ByteSource {
 public:
  IoResult read_some(std::span<char> into, Deadline /*deadline*/) override {
    const std::size_t n = std::min(into.size(), left.size());
    left.copy(into.data(), n);
    left.erase(0, n);
    return {n, {}};
  }

  std::string left;
};

struct CountedStreams : ::testing::Test {
  Log log{{}};
  Progress progress{log, -1, {.long_after = std::chrono::hours(1)}};
};

TEST_F(CountedStreams, writer_hands_on) {
  Sink sink;
  Writer beneath(sink);
  CountedWriter counted(progress, "a", 6);
  Writer& front = counted.writer(beneath);
  front << "one"
        << "two";
  front.flush();
  EXPECT_EQ(sink.taken, "onetwo");
  EXPECT_EQ(sink.flushes, 1);
  EXPECT_EQ(front.fileno(), 7);
  EXPECT_EQ(counted.done(), 6U);
}

TEST_F(CountedStreams, writer_sends_files_piece_by_piece) {
  const UniqueFd file(::open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  const std::string content((std::size_t{2} << 20) + 5, 'x');
  ASSERT_EQ(::write(file.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()));
  Sink sink;
  Writer beneath(sink);
  CountedWriter counted(progress, "a", content.size());
  EXPECT_EQ(counted.writer(beneath).sendfile(file.get(), 0, content.size()), content.size());
  EXPECT_EQ(sink.taken, content);
  EXPECT_EQ(counted.done(), content.size());
  // Shorter than somebody thought.
  EXPECT_EQ(counted.writer(beneath).sendfile(file.get(), content.size() - 1, 100), 1U);
}

TEST_F(CountedStreams, failures_are_those_of_the_writer_beneath) {
  Sink sink;
  sink.fails = true;
  Writer beneath(sink);
  CountedWriter counted(progress, "a", std::nullopt);
  EXPECT_THROW(counted.writer(beneath).write("x"), OSError);
  EXPECT_EQ(counted.done(), 0U);
}

TEST_F(CountedStreams, reader_hands_on) {
  Source source;
  source.left = "one\ntwo";
  Reader beneath(source);
  CountedReader counted(progress, "a", std::nullopt);
  EXPECT_EQ(counted.reader(beneath).readline(), "one\n");
  std::array<char, 10> into{};
  const IoResult got = counted.reader(beneath).read_some(into, Deadline::never());
  EXPECT_EQ(std::string(into.data(), got.n), "two");
  EXPECT_EQ(counted.done(), 7U);
}

TEST_F(CountedStreams, sizes) {
  EXPECT_EQ(as_size("120"), 120U);
  for (const char* none : {"", "x", "1x", "-1", "99999999999999999999999"}) {
    EXPECT_EQ(as_size(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace socketserver::tool
