#include "http/output_buffer.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <optional>

#include <socketserver/base/error.hpp>

#include "net/parts.hpp"

namespace socketserver::http {
namespace {

// Below this, copying costs less than another element in a gathered write.
constexpr std::size_t kWorthCopying = 4096;

// Up to here a piece of a file is copied behind the head, and both leave in one system call.
constexpr std::uint64_t kJoinsOthers = std::uint64_t{16} * 1024;

// Up to here a copy that leaves together with the head beats sendfile(2).
constexpr std::uint64_t kWorthCopyingFile = std::uint64_t{64} * 1024;

// What may gather before it leaves even though nobody waits.
constexpr std::size_t kFlushAt = std::size_t{64} * 1024;

/// Reads a piece of a file, all of it unless the file ends or fails before; an error only when that
/// comes first.
IoResult read_file_some(int fd, std::uint64_t offset, std::span<char> into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const ssize_t got = ::pread(fd, into.data() + filled, into.size() - filled,
                                static_cast<off_t>(offset + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && filled == 0) return {0, last_error()};
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  return {filled, {}};
}

}  // namespace

/// The stream, to a client that must keep up the least rate.
class OutputBuffer::TimedStream final : public ByteSink {
 public:
  explicit TimedStream(OutputBuffer& out) noexcept : out_(out) {}

  IoResult write_some(std::span<const std::string_view> parts, Deadline /*deadline*/) override {
    return out_.rate_.timed(Deadline::after(out_.progress_timeout_), [&](Deadline deadline) {
      return out_.stream_->write_some(parts, deadline);
    });
  }

 private:
  OutputBuffer& out_;
};

std::error_code OutputBuffer::write(std::string_view data) {
  if (data.size() < kWorthCopying && pending_.size() + data.size() < kFlushAt) {
    append(data);
    return {};
  }
  return send_with(data);
}

IoResult OutputBuffer::send_file_some(int fd, std::uint64_t offset, std::uint64_t count) {
  if (failure_) return {0, failure_};
  if (count <= kJoinsOthers && pending_.size() + count < kFlushAt) {
    return add_file_some(fd, offset, static_cast<std::size_t>(count));
  }
  if (count <= kWorthCopyingFile) {
    return copy_file_some(fd, offset, static_cast<std::size_t>(count));
  }
  if (const auto ec = flush()) return {0, ec};
  const IoResult result = rate_.timed(Deadline::after(progress_timeout_), [&](Deadline deadline) {
    return stream_->send_file_some(fd, offset, count, deadline);
  });
  failure_ = result.ec;
  return result;
}

/// Reads to where it leaves from.
IoResult OutputBuffer::add_file_some(int fd, std::uint64_t offset, std::size_t count) {
  const std::size_t before = pending_.size();
  pending_.resize(before + count);
  const IoResult read = read_file_some(fd, offset, std::span(pending_).subspan(before));
  pending_.resize(before + read.n);
  return read;
}

/// Through a block of its own, so that no connection keeps so much memory.
IoResult OutputBuffer::copy_file_some(int fd, std::uint64_t offset, std::size_t count) {
  TextBuffer block(count);
  const IoResult read = read_file_some(fd, offset, block);
  if (read.ec || read.n == 0) return read;
  if (const auto ec = send_with({block.data(), read.n})) return {0, ec};
  return read;
}

std::error_code OutputBuffer::send_with(std::string_view data) {
  // Behind a gap nothing that follows would make sense.
  if (failure_) return failure_;
  std::array<std::string_view, 2> parts = {std::string_view(pending_.data(), pending_.size()),
                                           data};
  std::span<std::string_view> left = std::span(parts).first(data.empty() ? 1 : 2);
  // Nearly always all of it goes at once, and no clock need tell how long it may take.
  const IoResult sent = stream_->try_write_some(left);
  rate_.moved(sent.n);
  left = detail::skip_bytes(left, sent.n);
  failure_ = sent.ec;
  if (!failure_ && !left.empty()) {
    TimedStream stream(*this);
    failure_ = write_all(stream, left, std::nullopt, TimeoutFrom::call);
  }
  pending_.clear();
  marked_ = 0;
  return failure_;
}

}  // namespace socketserver::http
