#include "xmlrpc/response_body.hpp"

#include <algorithm>

namespace socketserver::xmlrpc {

using http::ChunkedDecoder;
using http::ResponseFraming;

ResponseBody::ResponseBody(Reader& reader, const http::ParsedResponseHead& head) noexcept
    : reader_(reader),
      framing_(head.framing),
      left_(head.content_length),
      finished_(framing_ == ResponseFraming::none ||
                (framing_ == ResponseFraming::length && left_ == 0)) {}

IoResult ResponseBody::read_some(std::span<char> into, Deadline deadline) {
  if (finished_) return {};
  if (framing_ == ResponseFraming::chunked) return read_chunked(into, deadline);

  const bool has_length = framing_ == ResponseFraming::length;
  if (has_length && left_ < into.size()) into = into.first(static_cast<std::size_t>(left_));
  IoResult result = reader_.read_some(into, deadline);
  if (result.ec) return result;
  if (has_length) {
    if (result.n == 0) result.ec = std::make_error_code(std::errc::connection_aborted);
    left_ -= result.n;
    finished_ = left_ == 0;
  } else {
    finished_ = result.n == 0;
  }
  return result;
}

IoResult ResponseBody::read_chunked(std::span<char> into, Deadline deadline) {
  for (;;) {
    const auto [status, consumed, data] = decoder_.decode(reader_.buffered(), into.size());
    std::ranges::copy(data, into.begin());
    const std::size_t n = data.size();  // the view ends with what it points at
    reader_.consume(consumed);
    switch (status) {
      case ChunkedDecoder::Status::data:
        return {n, {}};
      case ChunkedDecoder::Status::done:
        finished_ = true;
        return {};
      case ChunkedDecoder::Status::failed:
        return {0, std::make_error_code(std::errc::bad_message)};
      case ChunkedDecoder::Status::need_more:
        break;
    }
    const IoResult more = reader_.fill(deadline);
    if (more.ec) return more;
    if (more.n == 0) return {0, std::make_error_code(std::errc::connection_aborted)};
  }
}

}  // namespace socketserver::xmlrpc
