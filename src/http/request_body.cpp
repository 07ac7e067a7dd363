#include "http/request_body.hpp"

#include <algorithm>
#include <array>

namespace socketserver::http {

void RequestBody::begin(Framing framing, std::uint64_t length) noexcept {
  framing_ = framing;
  left_ = length;
  if (framing_ == Framing::length && left_ == 0) framing_ = Framing::none;
  read_ = 0;
  failure_status_ = 0;
  failure_ = {};
  settings_.rate.restart();
  if (framing_ == Framing::chunked) decoder_.reset();
}

IoResult RequestBody::read_some(std::span<char> into, Deadline deadline) {
  if (failure_) return {0, failure_};
  switch (framing_) {
    case Framing::none:
      return {};
    case Framing::length:
      return read_length(into, deadline);
    case Framing::chunked:
      return read_chunked(into, deadline);
  }
  return {};
}

bool RequestBody::skip_rest(std::size_t most, Deadline deadline) {
  std::array<char, 4096> block;
  while (!at_end() && most > 0) {
    const std::span<char> room(block.data(), std::min(block.size(), most));
    const IoResult result = read_some(room, deadline);
    if (result.ec) return false;
    most -= result.n;
  }
  return at_end();
}

IoResult RequestBody::read_length(std::span<char> into, Deadline deadline) {
  if (settings_.most_bytes != 0 && left_ > settings_.most_bytes - read_) {
    return fail(std::errc::message_size, 413);
  }
  const auto room =
      into.first(static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), left_)));
  if (in_->buffered().empty()) {
    if (const auto ec = out_->flush()) return {0, ec};
  }
  const IoResult result = settings_.rate.timed(
      patience(deadline), [&](Deadline by) { return in_->read_some(room, by); });
  if (result.ec == std::errc::timed_out) return fail(std::errc::timed_out, 408);
  if (result.ec) return result;
  if (result.n == 0) return fail(std::errc::connection_aborted, 0);
  left_ -= result.n;
  read_ += result.n;
  if (left_ == 0) framing_ = Framing::none;
  return result;
}

IoResult RequestBody::read_chunked(std::span<char> into, Deadline deadline) {
  for (;;) {
    const auto step = decoder_.decode(in_->buffered(), into.size());
    std::ranges::copy(step.data, into.begin());
    const std::size_t n = step.data.size();
    in_->consume(step.consumed);
    switch (step.status) {
      case ChunkedDecoder::Status::data:
        read_ += n;
        // What is announced counts: how much of a chunk has come is a matter of packets.
        if (settings_.most_bytes != 0 && read_ + decoder_.left_in_chunk() > settings_.most_bytes) {
          return fail(std::errc::message_size, 413);
        }
        return {n, {}};
      case ChunkedDecoder::Status::done:
        framing_ = Framing::none;
        return {};
      case ChunkedDecoder::Status::failed:
        return fail(std::errc::bad_message, 400);
      case ChunkedDecoder::Status::need_more:
        if (const IoResult waited = wait_for_input(deadline); waited.ec) return waited;
    }
  }
}

IoResult RequestBody::wait_for_input(Deadline deadline) {
  if (const auto ec = out_->flush()) return {0, ec};
  const IoResult result =
      settings_.rate.timed(patience(deadline), [&](Deadline by) { return in_->fill(by); });
  if (result.ec == std::errc::timed_out) return fail(std::errc::timed_out, 408);
  if (!result.ec && result.n == 0) return fail(std::errc::connection_aborted, 0);
  return result;
}

Deadline RequestBody::patience(Deadline deadline) const noexcept {
  return Deadline::earlier(deadline, Deadline::after(settings_.progress_timeout));
}

IoResult RequestBody::fail(std::errc code, int status) noexcept {
  failure_ = std::make_error_code(code);
  failure_status_ = status;
  return {0, failure_};
}

}  // namespace socketserver::http
