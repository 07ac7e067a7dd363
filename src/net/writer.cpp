#include <socketserver/net/writer.hpp>

#include <array>
#include <stdexcept>

#include <socketserver/base/error.hpp>

namespace socketserver {

void Writer::set_timeout(std::optional<Duration> timeout, TimeoutFrom from) noexcept {
  timeout_ = timeout;
  timeout_from_ = from;
}

std::size_t Writer::write(std::string_view data) {
  if (closed_) throw std::logic_error("write after close");
  if (buffer_.size() + data.size() <= buffer_size_) {
    buffer_ += data;
  } else {
    // What was gathered and what does not fit beside it leave together.
    std::array<std::string_view, 2> parts = {buffer_, data};
    write_now(parts);
    buffer_.clear();
  }
  return data.size();
}

std::uint64_t Writer::sendfile(int fd, std::uint64_t offset, std::uint64_t count) {
  if (closed_) throw std::logic_error("sendfile after close");
  if (!buffer_.empty()) flush();
  Deadline deadline = start_operation();
  std::uint64_t sent = 0;
  while (sent < count) {
    const IoResult result = sink_->send_file_some(fd, offset + sent, count - sent, deadline);
    if (result.ec) throw_os_error(result.ec, "sendfile");
    if (result.n == 0) break;
    sent += result.n;
    if (timeout_from_ == TimeoutFrom::progress) deadline = start_operation();
  }
  return sent;
}

void Writer::flush() {
  if (closed_) throw std::logic_error("flush after close");
  if (!buffer_.empty()) {
    std::array<std::string_view, 1> parts = {buffer_};
    write_now(parts);
    buffer_.clear();
  }
  if (const auto ec = sink_->flush(start_operation())) throw_os_error(ec, "flush");
}

void Writer::close() noexcept {
  closed_ = true;
  buffer_.clear();
}

void Writer::write_now(std::span<std::string_view> parts) {
  if (const auto ec = write_all(*sink_, parts, timeout_, timeout_from_)) {
    buffer_.clear();
    throw_os_error(ec, "write");
  }
}

}  // namespace socketserver
