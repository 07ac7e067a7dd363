#include <socketserver/net/reader.hpp>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include <socketserver/base/error.hpp>

#include "net/spare_buffer.hpp"

namespace socketserver {

void Reader::set_timeout(std::optional<Duration> timeout, TimeoutFrom from) noexcept {
  timeout_ = timeout;
  timeout_from_ = from;
}

std::string Reader::read(std::size_t n) {
  std::string data;
  Deadline deadline = start_operation();
  while (data.size() < n) {
    if (buffered().empty() && more(deadline) == 0) break;
    const auto piece = buffered().substr(0, n - data.size());
    data += piece;
    consume(piece.size());
  }
  return data;
}

std::string Reader::read_some(std::size_t n) {
  if (n == 0) return {};
  const auto piece = peek().substr(0, n);
  std::string data(piece);
  consume(piece.size());
  return data;
}

std::string Reader::read_all(std::size_t limit) {
  std::string data;
  Deadline deadline = start_operation();
  do {
    if (buffered().size() > limit - data.size()) {
      fail(std::make_error_code(std::errc::message_size));
    }
    data += buffered();
    consume(buffered().size());
  } while (more(deadline) > 0);
  return data;
}

std::size_t Reader::readinto(std::span<char> into) {
  Deadline deadline = start_operation();
  std::size_t filled = 0;
  while (filled < into.size()) {
    if (buffered().empty() && more(deadline) == 0) break;
    const auto piece = buffered().substr(0, into.size() - filled);
    std::ranges::copy(piece, into.begin() + static_cast<std::ptrdiff_t>(filled));
    filled += piece.size();
    consume(piece.size());
  }
  return filled;
}

std::optional<std::string> Reader::readline(std::size_t limit) {
  Deadline deadline = start_operation();
  std::string line;
  while (line.size() < limit) {
    if (buffered().empty() && more(deadline) == 0) break;
    const auto room = buffered().substr(0, limit - line.size());
    const auto feed = room.find('\n');
    const auto piece = room.substr(0, feed == room.npos ? feed : feed + 1);
    line += piece;
    consume(piece.size());
    if (feed != room.npos) return line;
  }
  if (line.empty() && limit > 0) return std::nullopt;
  return line;
}

std::string_view Reader::peek() {
  if (buffered().empty()) {
    Deadline deadline = start_operation();
    more(deadline);
  }
  return buffered();
}

IoResult Reader::fill(Deadline deadline) {
  if (buffered().empty()) {
    give_buffer_back();
    if (const auto ec = source_->wait_readable(deadline)) return {0, ec};
  }
  make_room();
  const IoResult result = source_->read_some({data_.get() + end_, capacity_ - end_}, deadline);
  end_ += result.n;
  return result;
}

IoResult Reader::try_fill(Duration patience) {
  make_room();
  const IoResult result = source_->try_read_some({data_.get() + end_, capacity_ - end_}, patience);
  end_ += result.n;
  if (buffered().empty()) give_buffer_back();
  return result;
}

void Reader::put_back(std::string_view bytes) {
  const std::string_view rest = buffered();
  const std::size_t larger = std::max(buffer_size_, bytes.size() + rest.size());
  auto grown = std::make_unique_for_overwrite<char[]>(larger);
  std::ranges::copy(bytes, grown.get());
  std::ranges::copy(rest, grown.get() + bytes.size());
  end_ = bytes.size() + rest.size();
  begin_ = 0;
  data_ = std::move(grown);
  capacity_ = larger;
}

void Reader::consume(std::size_t n) noexcept {
  assert(n <= buffered().size());
  begin_ += n;
  if (begin_ == end_) begin_ = end_ = 0;
}

IoResult Reader::read_some(std::span<char> into, Deadline deadline) {
  if (buffered().empty()) return source_->read_some(into, deadline);
  const auto piece = buffered().substr(0, into.size());
  std::ranges::copy(piece, into.begin());
  consume(piece.size());
  return {piece.size(), {}};
}

Deadline Reader::start_operation() const {
  if (timed_out_) {
    throw OSError(std::make_error_code(std::errc::io_error), "read after a timeout");
  }
  return Deadline::after(timeout_);
}

std::size_t Reader::more(Deadline& deadline) {
  const IoResult result = fill(deadline);
  if (result.ec) fail(result.ec);
  if (timeout_from_ == TimeoutFrom::progress) deadline = Deadline::after(timeout_);
  return result.n;
}

void Reader::fail(std::error_code code) {
  timed_out_ = timed_out_ || code == std::errc::timed_out;
  throw_os_error(code, "read");
}

void Reader::give_buffer_back() noexcept {
  if (capacity_ == detail::SpareBuffer::kSize) detail::SpareBuffer::give(std::move(data_));
  data_.reset();
  capacity_ = 0;
}

void Reader::make_room() {
  if (capacity_ == 0 && buffer_size_ == detail::SpareBuffer::kSize) {
    data_ = detail::SpareBuffer::take();
    if (data_) capacity_ = detail::SpareBuffer::kSize;
  }
  if (begin_ > 0 && capacity_ - end_ < buffer_size_) {
    std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  if (end_ < capacity_) return;
  // Full of bytes that a parser is still waiting to see the end of: grow.
  const std::size_t larger = std::max(buffer_size_, capacity_ * 2);
  auto grown = std::make_unique_for_overwrite<char[]>(larger);
  std::copy_n(data_.get(), end_, grown.get());
  data_ = std::move(grown);
  capacity_ = larger;
}

}  // namespace socketserver
