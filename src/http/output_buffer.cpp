#include "http/output_buffer.hpp"

#include <array>
#include <optional>

#include "net/parts.hpp"

namespace socketserver::http {
namespace {

// Below this, copying costs less than another element in a gathered write.
constexpr std::size_t kWorthCopying = 4096;

// What may gather before it leaves even though nobody waits.
constexpr std::size_t kFlushAt = std::size_t{64} * 1024;

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
    pending_ += data;
    return {};
  }
  return send_with(data);
}

IoResult OutputBuffer::send_file_some(int fd, std::uint64_t offset, std::uint64_t count) {
  if (const auto ec = flush()) return {0, ec};
  const IoResult result = rate_.timed(Deadline::after(progress_timeout_), [&](Deadline deadline) {
    return stream_->send_file_some(fd, offset, count, deadline);
  });
  failure_ = result.ec;
  return result;
}

std::error_code OutputBuffer::send_with(std::string_view data) {
  // Behind a gap nothing that follows would make sense.
  if (failure_) return failure_;
  std::array<std::string_view, 2> parts = {pending_, data};
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
