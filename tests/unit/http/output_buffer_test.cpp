#include <cstdio>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include <socketserver/testing/faulty_stream.hpp>

#include "http/output_buffer.hpp"

namespace socketserver::http {
namespace {

using ::socketserver::testing::FaultyStream;

TEST(OutputBuffer, small_pieces_leave_together) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  out.append("one ");
  EXPECT_FALSE(out.write("two "));
  out.append("three");
  EXPECT_EQ(stream.operations(), 0);
  EXPECT_FALSE(out.flush());
  EXPECT_EQ(stream.output(), "one two three");
  EXPECT_EQ(stream.operations(), 1);
}

TEST(OutputBuffer, large_piece_takes_the_others_with_it) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  out.append("head ");
  EXPECT_FALSE(out.write(std::string(100'000, 'x')));
  EXPECT_EQ(stream.output(), "head " + std::string(100'000, 'x'));
  EXPECT_EQ(stream.operations(), 1);
}

TEST(OutputBuffer, does_not_gather_for_ever) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(out.write(std::string(1000, 'x')));
  EXPECT_GE(stream.output().size(), 60'000);
  EXPECT_FALSE(out.flush());
  EXPECT_EQ(stream.output(), std::string(100'000, 'x'));
}

TEST(OutputBuffer, nothing_to_flush_is_no_operation) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  EXPECT_FALSE(out.flush());
  out.append("");
  EXPECT_FALSE(out.flush());
  EXPECT_EQ(stream.operations(), 0);
}

TEST(OutputBuffer, partial_writes_are_continued) {
  FaultyStream stream({.write_piece = 1});
  OutputBuffer out(stream, std::nullopt);
  out.append("head");
  EXPECT_FALSE(out.write(std::string(5000, 'x')));
  EXPECT_EQ(stream.output(), "head" + std::string(5000, 'x'));
}

TEST(OutputBuffer, what_is_behind_the_mark_can_be_dropped) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  out.append("kept");
  out.mark();
  out.append("dropped");
  out.drop_behind_mark();
  out.drop_behind_mark();
  EXPECT_FALSE(out.flush());
  EXPECT_EQ(stream.output(), "kept");
}

TEST(OutputBuffer, what_has_left_cannot_be_dropped) {
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  out.append("before");
  out.mark();
  out.append("gone");
  EXPECT_FALSE(out.flush());
  out.append("dropped");
  out.drop_behind_mark();
  EXPECT_FALSE(out.flush());
  EXPECT_EQ(stream.output(), "beforegone");
}

TEST(OutputBuffer, nothing_is_sent_behind_a_gap) {
  FaultyStream stream({.failing_operation = 1});
  OutputBuffer out(stream, std::nullopt);
  EXPECT_FALSE(out.failure());
  out.append("lost");
  EXPECT_EQ(out.flush(), std::errc::connection_reset);
  EXPECT_EQ(out.failure(), std::errc::connection_reset);
  EXPECT_EQ(out.flush(), std::errc::connection_reset);
  EXPECT_EQ(out.write(std::string(5000, 'x')), std::errc::connection_reset);
  out.append("late");
  EXPECT_EQ(out.flush(), std::errc::connection_reset);
  EXPECT_EQ(stream.output(), "");
  EXPECT_EQ(stream.operations(), 1);
}

/// A file without a name that holds `content`.
class NamelessFile {
 public:
  explicit NamelessFile(std::string_view content) {
    std::fwrite(content.data(), 1, content.size(), file_.get());
    std::fflush(file_.get());
  }
  int fd() const { return ::fileno(file_.get()); }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{std::tmpfile(), &std::fclose};
};

TEST(OutputBuffer, small_piece_of_a_file_leaves_with_what_was_added) {
  const NamelessFile file("0123456789");
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  out.append("head ");
  const IoResult result = out.send_file_some(file.fd(), 2, 5);
  EXPECT_FALSE(result.ec);
  EXPECT_EQ(result.n, 5);
  EXPECT_EQ(stream.operations(), 0);
  out.append(" more");
  EXPECT_FALSE(out.flush());
  EXPECT_EQ(stream.output(), "head 23456 more");
  EXPECT_EQ(stream.operations(), 1);
}

TEST(OutputBuffer, file_goes_behind_what_was_added) {
  for (const std::size_t size : {1UL, 4096UL, 16384UL, 16385UL, 65536UL, 65537UL, 200000UL}) {
    std::string content(size, 'x');
    content.back() = '.';
    const NamelessFile file("skipped" + content + "and not sent");
    FaultyStream stream({});
    OutputBuffer out(stream, std::nullopt);
    out.append("head ");
    for (std::size_t sent = 0; sent < size;) {
      const IoResult result = out.send_file_some(file.fd(), 7 + sent, size - sent);
      ASSERT_FALSE(result.ec) << size;
      ASSERT_GT(result.n, 0) << size;
      sent += result.n;
    }
    EXPECT_FALSE(out.flush());
    EXPECT_EQ(stream.output(), "head " + content) << size;
  }
}

TEST(OutputBuffer, files_do_not_gather_for_ever) {
  const NamelessFile file(std::string(10'000, 'x'));
  FaultyStream stream({});
  OutputBuffer out(stream, std::nullopt);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(out.send_file_some(file.fd(), 0, 10'000).n, 10'000);
  EXPECT_GE(stream.output().size(), 50'000);
  EXPECT_FALSE(out.flush());
  EXPECT_EQ(stream.output(), std::string(100'000, 'x'));
}

TEST(OutputBuffer, file_that_ends_early) {
  const NamelessFile file("0123456789");
  for (const std::uint64_t count : {100U, 20'000U, 100'000U}) {
    FaultyStream stream({});
    OutputBuffer out(stream, std::nullopt);
    EXPECT_EQ(out.send_file_some(file.fd(), 8, count).n, 2) << count;
    const IoResult end = out.send_file_some(file.fd(), 10, count);
    EXPECT_FALSE(end.ec) << count;
    EXPECT_EQ(end.n, 0) << count;
    EXPECT_FALSE(out.flush());
    EXPECT_EQ(stream.output(), "89") << count;
  }
}

TEST(OutputBuffer, file_that_cannot_be_read) {
  for (const std::uint64_t count : {100U, 20'000U, 100'000U}) {
    FaultyStream stream({});
    OutputBuffer out(stream, std::nullopt);
    EXPECT_EQ(out.send_file_some(-1, 0, count).ec, std::errc::bad_file_descriptor) << count;
    EXPECT_EQ(stream.output(), "") << count;
  }
}

TEST(OutputBuffer, file_does_not_go_when_the_head_could_not) {
  const NamelessFile file(std::string(100'000, 'x'));
  for (const std::uint64_t count : {100U, 20'000U, 100'000U}) {
    FaultyStream stream({.failing_operation = 1});
    OutputBuffer out(stream, std::nullopt);
    out.append("head ");
    EXPECT_TRUE(out.send_file_some(file.fd(), 0, count).ec || out.flush()) << count;
    EXPECT_EQ(out.send_file_some(file.fd(), 0, count).ec, std::errc::connection_reset) << count;
    EXPECT_EQ(stream.output(), "") << count;
  }
}

/// A sink that keeps nobody waiting and remembers how long it might have.
class PatientSink final : public ByteSink {
 public:
  IoResult write_some(std::span<const std::string_view> parts, Deadline deadline) override {
    patience = deadline.remaining();
    return {parts.front().substr(0, 1).size(), {}};
  }
  Duration patience{};
};

/// A sink that takes some of a write at once, and what is left a byte at a time.
class HastySink final : public ByteSink {
 public:
  explicit HastySink(std::size_t at_once) : at_once_(at_once) {}

  IoResult try_write_some(std::span<const std::string_view> parts) override {
    std::string all;
    for (const std::string_view part : parts) all += part;
    taken += all.substr(0, at_once_);
    return {std::min(at_once_, all.size()), {}};
  }
  IoResult write_some(std::span<const std::string_view> parts, Deadline /*deadline*/) override {
    taken += parts.front().front();
    ++waits;
    return {1, {}};
  }

  std::string taken;
  int waits = 0;

 private:
  std::size_t at_once_;
};

TEST(OutputBuffer, waits_only_with_what_does_not_go_at_once) {
  const std::string large(5000, 'x');
  for (const std::size_t at_once : {0U, 1U, 4U, 5U, 5003U, 5004U, 5005U}) {
    HastySink sink(at_once);
    OutputBuffer out(sink, std::nullopt);
    out.append("head");
    EXPECT_FALSE(out.write(large));
    EXPECT_EQ(sink.taken, "head" + large);
    EXPECT_EQ(sink.waits, at_once > 5004 ? 0 : 5004 - static_cast<int>(at_once));
    EXPECT_FALSE(out.flush());
    EXPECT_EQ(sink.taken.size(), 5004U) << "nothing is left";
  }
}

TEST(OutputBuffer, progress_timeout) {
  PatientSink sink;
  OutputBuffer unlimited(sink, std::nullopt);
  unlimited.append("x");
  EXPECT_FALSE(unlimited.flush());
  EXPECT_EQ(sink.patience, Duration::max());

  OutputBuffer limited(sink, std::chrono::hours(1));
  limited.append("x");
  EXPECT_FALSE(limited.flush());
  EXPECT_LE(sink.patience, std::chrono::hours(1));
  EXPECT_GT(sink.patience, std::chrono::minutes(59));
}

}  // namespace
}  // namespace socketserver::http
